// The shapes, values and options of cross entropy that matter, each with its reason.
import type { Cases, Fill } from '../reference.ts';
import type { CrossEntropyOptions } from './crossEntropy.ts';

const labels = (n: number, classes: number) => ({ shape: [n], fill: { integersBelow: classes } });

export const cases: Cases<CrossEntropyOptions> = {
  cases: [
    { name: 'ten classes', inputs: { logits: { shape: [8, 10] }, labels: labels(8, 10) }, options: {} },
    {
      name: 'ImageNet: a thousand classes, smoothed',
      inputs: { logits: { shape: [3, 1000] }, labels: labels(3, 1000) },
      options: { labelSmoothing: 0.1 },
    },
    {
      name: 'summed',
      inputs: { logits: { shape: [5, 7] }, labels: labels(5, 7) },
      options: { reduction: 'sum', labelSmoothing: 0.3 },
    },
    {
      name: 'row by row',
      inputs: { logits: { shape: [5, 7] }, labels: labels(5, 7) },
      options: { reduction: 'none' },
    },
    {
      name: 'class weights: the mean divides by the weights of the labels',
      inputs: { logits: { shape: [9, 4] }, labels: labels(9, 4), weight: { shape: [4], fill: 'positive' } },
      options: {},
    },
    {
      name: 'class weights, smoothing and an ignored label together',
      inputs: { logits: { shape: [12, 4] }, labels: labels(12, 4), weight: { shape: [4], fill: 'positive' } },
      options: { labelSmoothing: 0.2, ignoreIndex: 2 },
    },
    {
      name: 'an ignored label beyond the classes',
      inputs: { logits: { shape: [4, 3] }, labels: { shape: [4], fill: { values: [0, 255, 2, 255] } } },
      options: { ignoreIndex: 255 },
    },
    {
      name: 'one class: no loss, no gradient',
      inputs: { logits: { shape: [4, 1] }, labels: labels(4, 1) },
      options: {},
    },
    {
      name: 'logits of 1e4',
      inputs: { logits: { shape: [6, 10], fill: { mean: 1e4, deviation: 1 } }, labels: labels(6, 10) },
      options: {},
      gradients: false,
      reason: 'a saved log-sum-exp near 1e4 would have lost three digits; rounding hides it from central differences',
    },
    {
      name: 'logits 2e4 apart, right and wrong',
      inputs: {
        logits: { shape: [3, 2], fill: { values: [1e4, -1e4, 1e4, -1e4, -1e4, -1e4] } },
        labels: { shape: [3], fill: { values: [0, 1, 1] } },
      },
      options: { reduction: 'none', labelSmoothing: 0.1 },
      gradients: false,
      reason: 'probabilities of 0 whose logarithm is wanted',
    },
    {
      name: 'a NaN beside the label makes the loss of its row NaN',
      inputs: {
        logits: { shape: [2, 3], fill: { values: [1, 2, NaN, 3, 4, 5] } },
        labels: { shape: [2], fill: { values: [0, 1] } },
      },
      options: { reduction: 'none' },
      gradients: false,
      reason: 'SwiftShader takes the exp of NaN for a number: the loss would look sound',
    },
    {
      name: 'a label beyond the classes makes its row NaN',
      inputs: { logits: { shape: [3, 4] }, labels: { shape: [3], fill: { values: [1, 4, 3] } } },
      options: { reduction: 'none' },
      gradients: false,
      reason: 'a GPU cannot throw, and a wrong label must not pass unseen',
    },
    {
      name: 'every row ignored: the mean of nothing is NaN, as in PyTorch',
      inputs: { logits: { shape: [2, 3] }, labels: { shape: [2], fill: { values: [1, 1] } } },
      options: { ignoreIndex: 1 },
      gradients: false,
      reason: 'the gradient is 0 nevertheless',
    },
    {
      name: 'many rows, whose losses are merged in two steps',
      inputs: { logits: { shape: [5003, 3] }, labels: labels(5003, 3) },
      options: { labelSmoothing: 0.1 },
      gradients: false,
      reason: 'more rows than one thread should add up alone',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { logits: { shape: [4200, 1000] }, labels: labels(4200, 1000) },
      options: { reduction: 'none' },
      gradients: false,
      reason: 'the backward launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick, chance }) => {
    const [n, classes] = [integer(1, chance(0.2) ? 700 : 40), pick(1, 2, 3, 10, integer(4, 30))];
    return {
      inputs: {
        logits: { shape: [n, classes], fill: pick<Fill>('normal', { mean: -20, deviation: 10 }) },
        labels: labels(n, classes),
        ...(chance(0.4) && { weight: { shape: [classes], fill: 'positive' as const } }),
      },
      options: {
        labelSmoothing: pick(undefined, 0, 0.1, 0.5, 1),
        reduction: pick(undefined, 'mean', 'sum', 'none'),
        // in most draws some row keeps its loss; where none does, both sides say NaN
        ignoreIndex: pick(undefined, undefined, 0, 2, 99),
      },
      // the gradient of a single class is a difference that vanishes but for its rounding: exp(0) need not be 1 exactly
      ...(classes === 1 && { tolerance: 1e-3 }),
    };
  },
  compared: ['y'],
};

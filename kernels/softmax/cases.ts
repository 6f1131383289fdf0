// The shapes and values of softmax and logSoftmax that matter, each with its reason.
import { drawShape } from '../reduce/draw.ts';
import type { Cases, Fill } from '../reference.ts';
import type { SoftmaxOptions } from './softmax.ts';

export const cases: Cases<SoftmaxOptions> = {
  cases: [
    { name: 'rows of a matrix', inputs: { x: { shape: [5, 10] } }, options: { dim: 1 } },
    { name: 'columns of a matrix', inputs: { x: { shape: [5, 10] } }, options: { dim: -2 } },
    { name: 'a vector', inputs: { x: { shape: [7] } }, options: { dim: 0 } },
    { name: 'channels of an image', inputs: { x: { shape: [2, 5, 4, 3] } }, options: { dim: 1 } },
    { name: 'height of an image', inputs: { x: { shape: [2, 5, 4, 3] } }, options: { dim: 2 } },
    { name: 'a middle dimension of five', inputs: { x: { shape: [2, 3, 4, 2, 3] } }, options: { dim: -3 } },
    { name: 'one class', inputs: { x: { shape: [4, 1] } }, options: { dim: 1 } },
    { name: 'a thousand classes', inputs: { x: { shape: [3, 1000] } }, options: { dim: 1 } },
    {
      name: 'logits of 1e4',
      inputs: { x: { shape: [6, 10], fill: { mean: 1e4, deviation: 1 } } },
      options: { dim: 1 },
      gradients: false,
      reason: 'exp(1e4) overflows; rounding of 1e4 in central differences would hide the point',
    },
    {
      name: 'logits 2e4 apart',
      inputs: { x: { shape: [2, 3], fill: { values: [1e4, -1e4, 0, -1e4, -1e4, -1e4] } } },
      options: { dim: 1 },
      gradients: false,
      reason: 'values that vanish beside the largest, and a row of equal ones',
    },
    {
      name: 'NaN spreads over its row',
      inputs: { x: { shape: [2, 3], fill: { values: [NaN, 1, 2, 3, 4, 5] } } },
      options: { dim: 1 },
      gradients: false,
      reason: 'SwiftShader takes the exp of NaN for a number',
    },
    {
      name: 'a class ruled out by minus infinity',
      inputs: { x: { shape: [2, 3], fill: { values: [1, -Infinity, 2, 0, 0, -Infinity] } } },
      options: { dim: 1 },
      gradients: false,
      reason: 'masked classes get probability 0, not NaN',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [1, 2, 2048, 2049], fill: 'ties' } },
      options: { dim: 1 },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: (draw) => {
    const shape = drawShape(draw);
    const fill = draw.pick<Fill>('normal', { mean: 0, deviation: 10 }, { mean: -300, deviation: 3 });
    const dim = draw.integer(-shape.length, shape.length - 1);
    // where one class takes all, gradients are differences that vanish but for their rounding
    const isSaturated = fill !== 'normal' || shape.at(dim) === 1;
    // and float16's y, from which they are made, has lost all of theirs
    return {
      inputs: { x: { shape, fill } },
      options: { dim },
      ...(isSaturated && { tolerance: 1e-3, float16: false }),
    };
  },
};

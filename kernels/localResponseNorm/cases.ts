// The shapes and options of local response normalisation that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { LocalResponseNormOptions } from './localResponseNorm.ts';

export const cases: Cases<LocalResponseNormOptions> = {
  cases: [
    {
      name: 'AlexNet: five channels, four at a time',
      inputs: { x: { shape: [2, 12, 5, 5], fill: { mean: 0, deviation: 30 } } },
      options: { size: 5, alpha: 1e-4, beta: 0.75, k: 2 },
    },
    {
      name: 'GoogLeNet: the defaults',
      inputs: { x: { shape: [1, 8, 7, 6], fill: { mean: 20, deviation: 30 } } },
      options: { size: 5 },
    },
    {
      name: 'even size reaches further back than ahead',
      inputs: { x: { shape: [2, 7, 3, 4] } },
      options: { size: 4, alpha: 1 },
    },
    {
      name: 'even size, four channels at a time',
      inputs: { x: { shape: [2, 16, 3, 2] } },
      options: { size: 6, alpha: 2, beta: 1.5 },
    },
    {
      name: 'size 1 knows no neighbours',
      inputs: { x: { shape: [1, 4, 3, 3] } },
      options: { size: 1, alpha: 0.5 },
    },
    {
      name: 'fewer channels than the window',
      inputs: { x: { shape: [2, 3, 4, 3] } },
      options: { size: 9, alpha: 1, beta: 0.5 },
    },
    {
      name: 'fewer channels than the window, four at a time',
      inputs: { x: { shape: [2, 4, 4, 3] } },
      options: { size: 8, alpha: 1, k: 0.5 },
    },
    {
      name: 'wide window over many channels',
      inputs: { x: { shape: [1, 40, 2, 2] } },
      options: { size: 19, alpha: 3 },
    },
    {
      name: 'negative beta multiplies',
      inputs: { x: { shape: [1, 5, 3, 3] } },
      options: { size: 3, alpha: 1, beta: -0.5 },
    },
    {
      name: 'single value',
      inputs: { x: { shape: [1, 1, 1, 1] } },
      options: { size: 2, alpha: 1 },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [1, 1, 2048, 2049], fill: 'ties' } },
      options: { size: 1, alpha: 1 },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick }) => ({
    inputs: {
      x: {
        shape: [integer(1, 3), pick(1, 3, 4, 6, 8, 10, 12, 20), integer(1, 7), integer(1, 7)],
        fill: { mean: pick(0, 2), deviation: pick(1, 10) },
      },
    },
    options: { size: integer(1, 13), alpha: pick(1e-4, 0.1, 1), beta: pick(0.5, 0.75, 1, 2), k: pick(0.5, 1, 2) },
  }),
};

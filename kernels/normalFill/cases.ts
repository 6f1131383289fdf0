// The shapes and moments of normal fills that matter, each with its reason.
import { drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';
import type { NormalFillOptions } from './normalFill.ts';

export const cases: Cases<NormalFillOptions> = {
  cases: [
    {
      name: 'standard normal',
      inputs: { target: { shape: [1001] } },
      options: { mean: 0, std: 1, seed: 0, stream: 0 },
    },
    {
      name: 'kaiming initialisation of a convolution',
      inputs: { target: { shape: [64, 3, 7, 7] } },
      options: { mean: 0, std: 0.025, seed: 1, stream: 3 },
    },
    {
      name: 'a mean and no deviation',
      inputs: { target: { shape: [5] } },
      options: { mean: -3, std: 0, seed: 7, stream: 1 },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { target: { shape: [2048, 2049] } },
      options: { mean: 2, std: 3, seed: 2 ** 32 - 1, stream: 2 ** 32 - 1 },
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: (draw) => ({
    inputs: { target: { shape: drawShape(draw) } },
    options: {
      mean: draw.pick(-1, 0, 100),
      std: draw.pick(0.01, 1, 10),
      seed: draw.integer(0, 2 ** 32 - 1),
      stream: draw.integer(0, 2 ** 32 - 1),
    },
  }),
};

// The shapes and ranges of uniform fills that matter, each with its reason.
import { drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';
import type { UniformFillOptions } from './uniformFill.ts';

export const cases: Cases<UniformFillOptions> = {
  cases: [
    {
      name: 'the unit interval',
      inputs: { target: { shape: [1001] } },
      options: { low: 0, high: 1, seed: 0, stream: 0 },
      tolerance: 0,
      reason: 'every bit is determined: 24 random bits, scaled by a power of two',
    },
    {
      name: "PyTorch's default for a linear layer",
      inputs: { target: { shape: [84, 120] } },
      options: { low: -0.0912, high: 0.0912, seed: 1, stream: 3 },
    },
    {
      name: 'an image, channels last',
      inputs: { target: { shape: [2, 3, 4, 5] } },
      options: { low: -2, high: 5, seed: 7, stream: 1 },
    },
    {
      name: 'an empty interval',
      inputs: { target: { shape: [5] } },
      options: { low: 3, high: 3, seed: 7, stream: 1 },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { target: { shape: [2048, 2049] } },
      options: { low: 0, high: 1, seed: 2 ** 32 - 1, stream: 2 ** 32 - 1 },
      tolerance: 0,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: (draw) => ({
    inputs: { target: { shape: drawShape(draw) } },
    options: {
      low: draw.pick(-1, 0, -0.05),
      high: draw.pick(0, 1, 10),
      seed: draw.integer(0, 2 ** 32 - 1),
      stream: draw.integer(0, 2 ** 32 - 1),
    },
  }),
};

// The shapes and dimensions of means that matter; sum's cases cover the index arithmetic they share.

import type { ReduceOptions } from '../reduce/dims.ts';
import { drawReduction, drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';

export const cases: Cases<ReduceOptions> = {
  cases: [
    { name: 'a batch of losses', inputs: { x: { shape: [7] } }, options: {} },
    { name: 'global average pooling', inputs: { x: { shape: [2, 5, 4, 3] } }, options: { dim: [2, 3] } },
    { name: 'the same, kept', inputs: { x: { shape: [2, 5, 4, 3] } }, options: { dim: [2, 3], keepDim: true } },
    { name: 'one element', inputs: { x: { shape: [1, 1] } }, options: { dim: 0 } },
    {
      name: 'a million elements of mean 1 to a scalar',
      inputs: { x: { shape: [1_000_003], fill: { mean: 1, deviation: 1 } } },
      options: {},
      gradients: false,
      reason: 'one running float32 sum would lose the small terms',
    },
    {
      name: 'columns too many to be split, all of one value',
      inputs: { x: { shape: [16_384, 256], fill: { mean: 0.1, deviation: 0 } } },
      options: { dim: 0 },
      gradients: false,
      tolerance: 1e-5,
      reason: 'every addition of 0.1 rounds the same way: one running sum ends 1.5e-4 off, sums of blocks 3e-6',
    },
    {
      name: 'large mean, small deviation',
      inputs: { x: { shape: [64, 1000], fill: { mean: 1e4, deviation: 1e-2 } } },
      options: { dim: 0 },
      gradients: false,
      reason: 'rounding of 1e4 in central differences would hide the point',
    },
  ],
  draw: (draw) => {
    const shape = drawShape(draw);
    return { inputs: { x: { shape } }, options: drawReduction(draw, shape.length) };
  },
};

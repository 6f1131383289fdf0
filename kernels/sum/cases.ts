// The shapes and dimensions of sums that matter, each with its reason.

import { sizeOf } from '../definition.ts';
import type { ReduceOptions } from '../reduce/dims.ts';
import { drawReduction, drawShape } from '../reduce/draw.ts';
import { reducedShape } from '../reduce/places.ts';
import type { Cases } from '../reference.ts';

export const cases: Cases<ReduceOptions> = {
  cases: [
    { name: 'a vector to a scalar', inputs: { x: { shape: [7] } }, options: {} },
    { name: 'a scalar to itself', inputs: { x: { shape: [] } }, options: {} },
    { name: 'rows of a matrix', inputs: { x: { shape: [5, 11] } }, options: { dim: 1 } },
    { name: 'columns of a matrix, kept', inputs: { x: { shape: [5, 11] } }, options: { dim: -2, keepDim: true } },
    { name: 'channels of an image', inputs: { x: { shape: [2, 5, 4, 3] } }, options: { dim: 1 } },
    {
      name: 'everything but the channels of an image: the bias gradient',
      inputs: { x: { shape: [3, 6, 5, 7] } },
      options: { dim: [0, 2, 3] },
    },
    {
      name: 'height alone: kept dimensions change places between channels-last and row-major',
      inputs: { x: { shape: [2, 3, 4, 5] } },
      options: { dim: 2 },
    },
    { name: 'batch and width, kept', inputs: { x: { shape: [2, 3, 4, 5] } }, options: { dim: [-1, 0], keepDim: true } },
    {
      name: 'every other dimension of six',
      inputs: { x: { shape: [2, 3, 2, 4, 3, 2] } },
      options: { dim: [0, 2, 4] },
    },
    { name: 'dimensions of extent one', inputs: { x: { shape: [1, 4, 1, 1] } }, options: { dim: [0, 3] } },
    {
      name: 'a million elements of mean 1 to a scalar',
      inputs: { x: { shape: [1000, 1000], fill: { mean: 1, deviation: 1 } } },
      options: {},
      gradients: false,
      reason: 'one running float32 sum would lose the small terms; and three launches merge the slabs on a GPU',
    },
    {
      name: '50,000 rows of six columns',
      inputs: { x: { shape: [50_000, 6], fill: { mean: 1, deviation: 1 } } },
      options: { dim: 0 },
      gradients: false,
      reason: 'few outputs over a long reduction are split into slabs',
    },
    {
      name: 'long rows',
      inputs: { x: { shape: [3, 20_011], fill: { mean: 1, deviation: 1 } } },
      options: { dim: 1, keepDim: true },
      gradients: false,
      reason: 'slabs along the innermost dimension, of unequal length',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2048, 2049, 1], fill: 'ties' } },
      options: { dim: 2 },
      gradients: false,
      reason: 'the launches must fold into a second dimension',
    },
  ],
  draw: (draw) => {
    const shape = drawShape(draw);
    const options = drawReduction(draw, shape.length);
    // a single sum may cancel to a thousandth of its terms, rounding included
    const isSingle = sizeOf(reducedShape(shape, options)) === 1;
    return { inputs: { x: { shape } }, options, ...(isSingle && { tolerance: 1e-2 }) };
  },
};

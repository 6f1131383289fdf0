// The shapes and values of maxima that matter, each with its reason.

import type { ReduceOptions } from '../reduce/dims.ts';
import { drawReduction, drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';

/** Values and indices are selected, not computed: nothing may differ at all. */
const tolerance = 0;

export const cases: Cases<ReduceOptions> = {
  cases: [
    {
      name: 'the best class of each row',
      inputs: { x: { shape: [5, 10], fill: 'distinct' } },
      options: { dim: 1 },
      tolerance,
    },
    { name: 'over all', inputs: { x: { shape: [4, 3, 5], fill: 'distinct' } }, options: {}, tolerance },
    {
      name: 'over height and width',
      inputs: { x: { shape: [2, 5, 4, 3], fill: 'distinct' } },
      options: { dim: [2, 3] },
      tolerance,
    },
    {
      name: 'over all of an image: the index is logical, the memory channels-last',
      inputs: { x: { shape: [2, 5, 4, 3], fill: 'distinct' } },
      options: { keepDim: true },
      tolerance,
    },
    {
      name: 'first maximum wins a tie along a dimension',
      inputs: { x: { shape: [3, 40, 5], fill: 'ties' } },
      options: { dim: 1 },
      tolerance,
      gradients: false,
      reason: 'at a tie the derivative is one-sided',
    },
    {
      name: 'first maximum in logical order wins over all of an image',
      inputs: { x: { shape: [2, 5, 7, 3], fill: 'ties' } },
      options: {},
      tolerance,
      gradients: false,
      reason: 'channels-last memory meets another of the tied values first',
    },
    {
      name: 'first maximum wins across slabs',
      inputs: { x: { shape: [30_000], fill: 'ties' } },
      options: { dim: 0 },
      tolerance,
      gradients: false,
      reason: 'slabs interleave, so the merge must compare positions',
    },
    {
      name: 'first maximum wins across slabs of columns',
      inputs: { x: { shape: [20_000, 3], fill: 'ties' } },
      options: { dim: 0 },
      tolerance,
      gradients: false,
      reason: 'the other kind of slab',
    },
    {
      name: 'negative values and infinities',
      inputs: {
        x: { shape: [3, 3], fill: { values: [-5, -3, -4, -Infinity, -Infinity, -Infinity, 1, Infinity, Infinity] } },
      },
      options: { dim: 1 },
      tolerance,
      gradients: false,
      reason: 'minus infinity is a maximum too, where nothing is larger',
    },
    {
      name: 'NaN beats every number',
      inputs: { x: { shape: [2, 4], fill: { values: [1, NaN, Infinity, NaN, 0, 2, 1, 2] } } },
      options: { dim: 1 },
      tolerance,
      gradients: false,
      reason: 'as PyTorch: a broken activation must not hide behind a max',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2048, 2049, 1], fill: 'ties' } },
      options: { dim: 2 },
      tolerance,
      gradients: false,
      reason: 'the launches must fold into a second dimension',
    },
  ],
  draw: (draw) => {
    const shape = drawShape(draw);
    return {
      inputs: { x: { shape, fill: draw.pick('ties', 'normal') } },
      options: drawReduction(draw, shape.length),
      tolerance,
    };
  },
};

// The shapes and values of maxima that matter, each with its reason.
import { drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';
import type { MaxOptions } from './max.ts';

/** Values and indices are selected, not computed: nothing may differ at all. */
const tolerance = 0;

export const cases: Cases<MaxOptions> = {
  cases: [
    {
      name: 'the best class of each row',
      inputs: { x: { shape: [5, 10], fill: 'distinct' } },
      options: { dim: 1 },
      tolerance,
    },
    {
      name: 'channels of images, kept',
      inputs: { x: { shape: [2, 5, 4, 3], fill: 'distinct' } },
      options: { dim: 1, keepDim: true },
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
      options: { dim: draw.integer(-shape.length, shape.length - 1), keepDim: draw.pick(true, false, undefined) },
      tolerance,
    };
  },
};

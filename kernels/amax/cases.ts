// The shapes and values of maxima over several dimensions that matter, each with its reason.
import type { ReduceOptions } from '../reduce/dims.ts';
import { drawReduction, drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';

/** Values are selected and counted; one division makes the shares. */
const tolerance = 1e-6;

export const cases: Cases<ReduceOptions> = {
  cases: [
    { name: 'over all', inputs: { x: { shape: [4, 3, 5], fill: 'distinct' } }, options: {}, tolerance },
    {
      name: 'over height and width',
      inputs: { x: { shape: [2, 5, 4, 3], fill: 'distinct' } },
      options: { dim: [2, 3] },
      tolerance,
    },
    {
      name: 'over all of an image, kept',
      inputs: { x: { shape: [2, 5, 4, 3], fill: 'distinct' } },
      options: { keepDim: true },
      tolerance,
    },
    {
      name: 'equal maxima share the gradient, over all',
      inputs: { x: { shape: [2, 5, 7, 3], fill: 'ties' } },
      options: {},
      tolerance,
      gradients: false,
      reason: 'at a tie the derivative is one-sided',
    },
    {
      name: 'equal maxima share the gradient, over several dimensions',
      inputs: { x: { shape: [2, 6, 5, 3], fill: 'ties' } },
      options: { dim: [1, -1] },
      tolerance,
      gradients: false,
      reason: 'kept and reduced dimensions alternate in memory',
    },
    {
      name: 'equal maxima share the gradient, over one dimension too',
      inputs: { x: { shape: [3, 40, 5], fill: 'ties' } },
      options: { dim: 1 },
      tolerance,
      gradients: false,
      reason: 'where max would give it to the first',
    },
    {
      name: 'maxima are counted across slabs',
      inputs: { x: { shape: [30_000], fill: 'ties' } },
      options: {},
      tolerance,
      gradients: false,
      reason: 'the merge must add counts up',
    },
    {
      name: 'maxima are counted across slabs of columns',
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
      name: 'NaN beats every number, and several share the gradient',
      inputs: { x: { shape: [2, 4], fill: { values: [1, NaN, Infinity, NaN, 0, 2, 1, 2] } } },
      options: {},
      tolerance,
      gradients: false,
      reason: 'as torch.max without dim: a broken activation must not hide behind a max',
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

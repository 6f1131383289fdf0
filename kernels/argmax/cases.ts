// The shapes and values of argmax that matter; max's cases cover the kernel they share.
import { drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';
import type { ArgmaxOptions } from './argmax.ts';

/** Values and indices are selected, not computed: nothing may differ at all. */
const tolerance = 0;

export const cases: Cases<ArgmaxOptions> = {
  cases: [
    { name: 'the predicted class', inputs: { x: { shape: [9, 10] } }, options: { dim: 1 }, tolerance },
    {
      name: 'of a thousand classes, kept',
      inputs: { x: { shape: [3, 1000] } },
      options: { dim: -1, keepDim: true },
      tolerance,
    },
    { name: 'per pixel', inputs: { x: { shape: [2, 7, 3, 4] } }, options: { dim: 1 }, tolerance },
    {
      name: 'flattened index of an image is logical, ties go to the first',
      inputs: { x: { shape: [2, 5, 7, 3], fill: 'ties' } },
      options: {},
      tolerance,
    },
    { name: 'one class', inputs: { x: { shape: [4, 1] } }, options: { dim: 1 }, tolerance },
    { name: 'a scalar', inputs: { x: { shape: [] } }, options: {}, tolerance },
    { name: 'a long vector with ties', inputs: { x: { shape: [40_001], fill: 'ties' } }, options: {}, tolerance },
  ],
  draw: (draw) => {
    const shape = drawShape(draw);
    const { integer, chance, pick } = draw;
    return {
      inputs: { x: { shape, fill: pick('ties', 'normal') } },
      options: {
        dim: chance(0.3) ? undefined : integer(-shape.length, shape.length - 1),
        keepDim: pick(true, false, undefined),
      },
      tolerance,
    };
  },
};

// The batches that matter, each with its reason.
import type { Case, Cases } from '../reference.ts';
import { VALUES_PER_CHANNEL } from './augmentNormalize.ts';

/** Values are copied, never computed. */
const tolerance = 0;
/** float32 holds 24 bits, which are the three levels. */
const fill = { integersBelow: 2 ** 24 };

export const cases: Cases<Record<string, never>> = {
  cases: [
    { name: 'colour', ...problem([2, 8, 8], 3) },
    { name: 'grey, odd sizes', ...problem([3, 5, 7], 1) },
    {
      name: 'rectangles erased: within, nothing, everything',
      ...problem([3, 6, 5], 3, [
        [2, 1, 3, 3],
        [0, 0, 0, 0],
        [0, 0, 6, 5],
      ]),
    },
    {
      name: 'more than 65,535 workgroups',
      ...problem([1, 2049, 2048], 1),
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick, chance }) => {
    const [n, height, width] = [integer(1, 5), integer(1, 20), integer(1, 20)];
    const rectangle = () => {
      const [top, left] = [integer(0, height - 1), integer(0, width - 1)];
      return [top, left, integer(0, height - top), integer(0, width - left)];
    };
    return problem([n, height, width], pick(1, 3), chance(0.5) ? Array.from({ length: n }, rectangle) : undefined);
  },
};

function problem(
  shape: readonly [n: number, h: number, w: number],
  channels: number,
  erased?: readonly (readonly number[])[],
): Omit<Case<Record<string, never>>, 'name'> {
  return {
    inputs: {
      x: { shape, fill },
      values: { shape: [channels, VALUES_PER_CHANNEL] },
      ...(erased && { erased: { shape: [shape[0], 4], fill: { values: erased.flat() } } }),
    },
    options: {},
    tolerance,
  };
}

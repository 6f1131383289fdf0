// The enhancements that matter, each with its reason.
import type { Case, Cases } from '../reference.ts';
import type { AugmentBlendOptions } from './augmentBlend.ts';
import { BLEND_ENTRIES, blendTable, type Enhancement } from './blendTable.ts';

/** Integers throughout. */
const tolerance = 0;
/** float32 holds 24 bits, which are the three levels. */
const fill = { integersBelow: 2 ** 24 };

export const cases: Cases<AugmentBlendOptions> = {
  cases: [
    {
      name: 'darker',
      ...problem(
        [2, 5, 3],
        [
          ['brightness', 0.6],
          ['brightness', 0.1],
        ],
      ),
    },
    {
      name: 'brighter, up to white',
      ...problem(
        [2, 5, 3],
        [
          ['brightness', 1.4],
          ['brightness', 1e30],
        ],
      ),
    },
    {
      name: 'more and less contrast',
      ...problem(
        [3, 7, 5],
        [
          ['contrast', 1.7],
          ['contrast', 0.3],
          ['contrast', 0],
        ],
      ),
    },
    {
      name: 'more and less saturation',
      ...problem(
        [2, 4, 9],
        [
          ['saturation', 1.9],
          ['saturation', 0.45],
        ],
      ),
    },
    { name: 'no colour left', ...problem([1, 8, 8], [['saturation', 0]]), reason: 'RandomGrayscale is this' },
    {
      name: 'each sample its own, one of them none',
      ...problem(
        [4, 6, 6],
        [
          ['contrast', 0.7],
          ['brightness', null],
          ['saturation', 0.7],
          ['brightness', 0.7],
        ],
      ),
    },
    {
      name: 'factors so small that float32 rounds the sum up',
      ...problem(
        [3, 16, 16],
        [
          ['saturation', 1e-7],
          ['contrast', 1e-6],
          ['saturation', 3e-8],
        ],
      ),
      reason: 'cut without rounding, levels below the origin would lose one',
    },
    {
      name: 'more than 65,535 workgroups',
      ...problem([1, 2049, 2048], [['contrast', 1.25]]),
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick }) => {
    const n = integer(1, 6);
    return problem(
      [n, integer(1, 20), integer(1, 20)],
      Array.from({ length: n }, () => {
        const kind = pick<Enhancement>('brightness', 'contrast', 'saturation');
        return [kind, pick(null, integer(0, 2000) / 1000, integer(0, 1000) / 1e9)] as const;
      }),
    );
  },
};

function problem(
  shape: readonly [n: number, h: number, w: number],
  samples: readonly (readonly [kind: Enhancement, factor: number | null])[],
): Omit<Case<AugmentBlendOptions>, 'name'> {
  const plan = samples.flatMap(([kind, factor]) => [...blendTable(kind, factor)]);
  return {
    inputs: {
      x: { shape, fill },
      plan: { shape: [samples.length, BLEND_ENTRIES], fill: { values: plan } },
    },
    options: { contrast: samples.some(([kind, factor]) => kind === 'contrast' && factor !== null) },
    tolerance,
  };
}

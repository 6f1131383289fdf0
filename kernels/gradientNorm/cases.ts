// One tensor and several, short and long, of any rank.
import type { Cases } from '../reference.ts';

export const cases: Cases<Record<string, never>> = {
  cases: [
    { name: 'one value', inputs: { x0: { shape: [] } }, options: {} },
    { name: 'LeNet-5 in one arena', inputs: { x0: { shape: [61952] } }, options: {} },
    {
      name: 'several tensors of any rank',
      inputs: { x0: { shape: [6, 1, 5, 5] }, x1: { shape: [6] }, x2: { shape: [10, 84] }, x3: { shape: [7] } },
      options: {},
    },
    {
      name: 'more elements than threads have first turns',
      inputs: { x0: { shape: [1 << 21] }, x1: { shape: [3] } },
      options: {},
      reason: 'each thread sums more than once',
    },
    {
      name: 'an empty tensor counts nothing',
      inputs: { x0: { shape: [5] }, x1: { shape: [0, 3] }, x2: { shape: [2, 2] } },
      options: {},
      reason: 'nothing is launched for it, so it must have no partial sum that somebody reads',
    },
  ],
  draw: ({ integer }) => ({
    inputs: Object.fromEntries(
      Array.from({ length: integer(1, 4) }, (_, i) => [`x${i}`, { shape: [integer(1, 3000)] }]),
    ),
    options: {},
  }),
};

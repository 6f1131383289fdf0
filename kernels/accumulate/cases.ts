// The shapes of an in-place sum that matter, each with its reason.
import type { Cases, Draw } from '../reference.ts';

const sum = (shape: readonly number[]) => ({ inputs: { target: { shape }, x: { shape } }, options: {} });

export const cases: Cases<Record<string, never>> = {
  cases: [
    { name: 'a scalar loss', ...sum([]) },
    { name: 'a convolution weight', ...sum([16, 6, 5, 5]) },
    { name: 'an odd number of elements', ...sum([13, 7]) },
    {
      name: 'more than 65,535 workgroups',
      inputs: { target: { shape: [2049, 2047], fill: 'ties' }, x: { shape: [2049, 2047], fill: 'ties' } },
      options: {},
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer }: Draw) => sum(Array.from({ length: integer(0, 4) }, () => integer(1, 9))),
};

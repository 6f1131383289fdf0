// The shapes of a constant fill that matter, each with its reason.
import type { Cases, Draw } from '../reference.ts';
import type { FillOptions } from './fill.ts';

export const cases: Cases<FillOptions> = {
  cases: [
    { name: 'a scalar becomes the first gradient', inputs: { target: { shape: [] } }, options: { value: 1 } },
    { name: 'zeros over what was there', inputs: { target: { shape: [3, 5, 7] } }, options: { value: 0 } },
    {
      name: 'more than 65,535 workgroups',
      inputs: { target: { shape: [2049, 2047], fill: 'ties' } },
      options: { value: -2.5 },
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer }: Draw) => ({
    inputs: { target: { shape: Array.from({ length: integer(0, 4) }, () => integer(1, 9)) } },
    options: { value: integer(-8, 8) / 4 },
  }),
};

// The shapes and values of the rectifier that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';

export const cases = mapCases<Record<string, never>>(
  [{}],
  [
    {
      name: 'the gradient at zero is zero',
      inputs: { x: { shape: [4, 25], fill: 'ties' } },
      options: {},
      gradients: false,
      reason: 'the derivative is one-sided there',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2049, 2047], fill: 'ties' } },
      options: {},
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
);

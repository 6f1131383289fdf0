// The shapes, slopes and values of the leaky rectifier that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';
import type { LeakyReluOptions } from './leakyRelu.ts';

export const cases = mapCases<LeakyReluOptions>(
  [{}, { negativeSlope: 0.2 }, { negativeSlope: -0.5 }],
  [
    {
      name: 'the gradient at zero is the slope',
      inputs: { x: { shape: [4, 25], fill: 'ties' } },
      options: { negativeSlope: 0.3 },
      gradients: false,
      reason: 'the derivative is one-sided there',
    },
  ],
);

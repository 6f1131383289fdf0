// The shapes and values of the hyperbolic tangent that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';

export const cases = mapCases<Record<string, never>>(
  [{}],
  [
    {
      name: 'tiny arguments keep their digits',
      inputs: { x: { shape: [64], fill: { mean: 0, deviation: 1e-2 } } },
      options: {},
      tolerance: 1e-6,
      reason: 'e^x - e^-x would lose five of seven digits here; the polynomial loses none',
    },
  ],
);

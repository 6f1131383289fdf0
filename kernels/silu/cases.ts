// The shapes and values of silu that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';

export const cases = mapCases<Record<string, never>>(
  [{}],
  [
    {
      name: 'far from zero it is 0 or x',
      inputs: { x: { shape: [8], fill: { values: [-10000, -1000, -89, -30, 30, 89, 1000, 10000] } } },
      options: {},
      gradients: false,
      reason: 'exp(10000) is infinite in float32; central differences of 10000 are all rounding',
    },
  ],
);

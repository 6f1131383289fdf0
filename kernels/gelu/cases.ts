// The shapes and values of gelu that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';
import type { GeluOptions } from './gelu.ts';

export const cases = mapCases<GeluOptions>(
  [{}, { approximate: 'tanh' }],
  [
    {
      name: 'exact form to float32',
      inputs: { x: { shape: [512], fill: { mean: 0, deviation: 2 } } },
      options: {},
      tolerance: 5e-7,
      reason: 'erfc is fitted to 1.2e-7; a coarser fit would pass at 1e-4',
    },
    {
      name: 'the left tail keeps its digits',
      inputs: { x: { shape: [64], fill: { mean: -4.2, deviation: 0.1 } } },
      options: {},
      tolerance: 1e-4,
      reason: 'values of 1e-5: 1 + erf would be all rounding',
    },
  ],
);

// Values inside and outside the limit.
import type { Cases } from '../reference.ts';
import type { ClipToValueOptions } from './clipToValue.ts';

export const cases: Cases<ClipToValueOptions> = {
  cases: [
    { name: 'clamps both signs', inputs: { gradients: { shape: [131] } }, options: { limit: 0.5 } },
    { name: 'leaves small values alone', inputs: { gradients: { shape: [16, 1, 5, 5] } }, options: { limit: 100 } },
    {
      name: 'NaN stays NaN',
      inputs: { gradients: { shape: [5], fill: { values: [NaN, 3, -Infinity, NaN, 0.1] } } },
      options: { limit: 0.5 },
      reason: 'a broken step must not look like a large one',
    },
  ],
  draw: ({ integer, pick }) => ({
    inputs: { gradients: { shape: [integer(1, 5000)] } },
    options: { limit: pick(0.1, 1, 2) },
  }),
};

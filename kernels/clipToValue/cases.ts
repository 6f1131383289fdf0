// Values inside and outside the limit.
import type { Cases } from '../reference.ts';
import type { ClipToValueOptions } from './clipToValue.ts';

export const cases: Cases<ClipToValueOptions> = {
  cases: [
    { name: 'clamps both signs', inputs: { gradients: { shape: [131] } }, options: { limit: 0.5 } },
    { name: 'leaves small values alone', inputs: { gradients: { shape: [16, 1, 5, 5] } }, options: { limit: 100 } },
  ],
  draw: ({ integer, pick }) => ({
    inputs: { gradients: { shape: [integer(1, 5000)] } },
    options: { limit: pick(0.1, 1, 2) },
  }),
};

// Both weight decays, the first and a late step, and lengths with and without a vec4 form.
import type { Cases } from '../reference.ts';
import type { AdamOptions } from './adam.ts';

const usual: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupled: false,
  maximize: false,
  step: 1,
};

export const cases: Cases<AdamOptions> = {
  cases: [
    { name: 'first step, odd length', inputs: arenas(1001), options: usual },
    {
      name: 'a late step',
      inputs: arenas(256),
      options: { ...usual, step: 50_000 },
      reason: 'beta ^ step vanishes; corrections approach 1',
    },
    { name: 'weight decay through the gradient', inputs: arenas(65), options: { ...usual, weightDecay: 0.1, step: 3 } },
    {
      name: 'decoupled weight decay',
      inputs: arenas(128),
      options: { ...usual, lr: 0.05, weightDecay: 0.1, decoupled: true, step: 3 },
    },
    { name: 'maximises', inputs: arenas(12), options: { ...usual, weightDecay: 0.1, maximize: true, step: 2 } },
  ],
  draw: ({ integer, pick, chance }) => ({
    inputs: arenas(integer(1, 4000)),
    options: {
      lr: pick(1e-4, 1e-3, 0.1),
      betas: pick([0.9, 0.999] as const, [0.5, 0.9] as const, [0, 0.99] as const),
      eps: pick(1e-8, 1e-3),
      weightDecay: pick(0, 0.01, 0.5),
      decoupled: chance(0.5),
      maximize: chance(0.2),
      step: integer(1, 2000),
    },
  }),
};

/** Mean squares are positive, as they always are. */
function arenas(length: number) {
  const shape = [length];
  return {
    parameters: { shape },
    gradients: { shape },
    expAvg: { shape },
    expAvgSq: { shape, fill: 'positive' as const },
  };
}

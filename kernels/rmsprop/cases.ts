// All four forms of RMSprop, and lengths with and without a vec4 form.
import type { Cases } from '../reference.ts';
import type { RmspropOptions } from './rmsprop.ts';

const usual: RmspropOptions = { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, maximize: false };

export const cases: Cases<RmspropOptions> = {
  cases: [
    { name: 'plain, odd length', inputs: arenas(1001), options: usual },
    { name: 'weight decay', inputs: arenas(256), options: { ...usual, weightDecay: 0.1 } },
    { name: 'momentum', inputs: arenas(130, { momentum: true }), options: { ...usual, momentum: 0.9 } },
    { name: 'centered', inputs: arenas(64, { centered: true }), options: usual },
    {
      name: 'centered with momentum, maximises',
      inputs: arenas(99, { centered: true, momentum: true }),
      options: { ...usual, momentum: 0.5, maximize: true },
    },
  ],
  draw: ({ integer, pick, chance }) => {
    const momentum = chance(0.5);
    return {
      inputs: arenas(integer(1, 4000), { momentum, centered: chance(0.5) }),
      options: {
        lr: pick(1e-3, 0.01, 0.1),
        alpha: pick(0.9, 0.99),
        eps: pick(1e-8, 1e-3),
        weightDecay: pick(0, 0.01),
        momentum: momentum ? pick(0.5, 0.9) : 0,
        maximize: chance(0.2),
      },
    };
  },
};

/** Means of 0.1 or so and mean squares above 0.5, so that variances stay clear of zero as real ones do. */
function arenas(length: number, { momentum = false, centered = false } = {}) {
  const shape = [length];
  return {
    parameters: { shape },
    gradients: { shape },
    squareAvg: { shape, fill: 'positive' as const },
    ...(centered && { gradAvg: { shape, fill: { mean: 0, deviation: 0.1 } } }),
    ...(momentum && { momentumBuffer: { shape } }),
  };
}

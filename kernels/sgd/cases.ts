// Every switch of SGD, and lengths with and without a vec4 form.
import type { Cases } from '../reference.ts';
import type { SgdOptions } from './sgd.ts';

const plain: SgdOptions = {
  lr: 0.1,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
  first: false,
};

export const cases: Cases<SgdOptions> = {
  cases: [
    { name: 'plain, odd length', inputs: arenas(1001), options: plain },
    { name: 'weight decay', inputs: arenas(256), options: { ...plain, weightDecay: 5e-4 } },
    { name: 'maximises', inputs: arenas(64), options: { ...plain, weightDecay: 0.01, maximize: true } },
    {
      name: 'the first step sets the momentum buffer undampened',
      inputs: arenas(192, true),
      options: { ...plain, momentum: 0.9, dampening: 0.5, first: true },
    },
    {
      name: 'later steps dampen',
      inputs: arenas(77, true),
      options: { ...plain, momentum: 0.9, dampening: 0.5, weightDecay: 0.01 },
    },
    { name: 'nesterov', inputs: arenas(128, true), options: { ...plain, momentum: 0.9, nesterov: true } },
    {
      name: 'more than 65,535 workgroups',
      inputs: arenas(65536 * 64 + 3),
      options: plain,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick, chance }) => {
    const hasMomentum = chance(0.5);
    const momentum = hasMomentum ? pick(0.5, 0.9, 0.99) : 0;
    return {
      inputs: arenas(integer(1, 5000), hasMomentum),
      options: {
        lr: pick(1e-3, 0.01, 0.1, 1),
        momentum,
        dampening: pick(0, 0.1),
        weightDecay: pick(0, 1e-4, 0.1),
        nesterov: hasMomentum && chance(0.5),
        maximize: chance(0.2),
        first: chance(0.3),
      },
    };
  },
};

function arenas(length: number, hasMomentum = false) {
  const shape = [length];
  return { parameters: { shape }, gradients: { shape }, ...(hasMomentum && { momentumBuffer: { shape } }) };
}

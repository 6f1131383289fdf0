// The shapes and probabilities of dropout that matter, each with its reason.
import { drawShape } from '../reduce/draw.ts';
import type { Cases } from '../reference.ts';
import type { DropoutOptions } from './dropout.ts';

export const cases: Cases<DropoutOptions> = {
  cases: [
    { name: 'AlexNet: half of a layer', inputs: { x: { shape: [2, 4096] } }, options: { p: 0.5, seed: 0, stream: 0 } },
    { name: 'an odd number of elements', inputs: { x: { shape: [3, 7] } }, options: { p: 0.2, seed: 1, stream: 5 } },
    {
      name: 'an image, channels last',
      inputs: { x: { shape: [2, 3, 5, 4] } },
      options: { p: 0.1, seed: 2, stream: 1 },
    },
    { name: 'p = 0 keeps all', inputs: { x: { shape: [5, 5] } }, options: { p: 0, seed: 3, stream: 2 } },
    { name: 'p = 1 drops all', inputs: { x: { shape: [8, 8] } }, options: { p: 1, seed: 3, stream: 2 } },
    {
      name: 'an infinity that is dropped leaves a zero',
      inputs: { x: { shape: [1, 8], fill: { values: Array.from({ length: 8 }, () => Infinity) } } },
      options: { p: 0.5, seed: 9, stream: 0 },
      gradients: false,
      reason: 'infinity times zero would be NaN',
    },
    {
      name: 'the largest seed and stream',
      inputs: { x: { shape: [9, 11] } },
      options: { p: 0.3, seed: 2 ** 32 - 1, stream: 2 ** 32 - 1 },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2049, 2049], fill: 'ties' } },
      options: { p: 0.5, seed: 4, stream: 4 },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: (draw) => ({
    inputs: { x: { shape: drawShape(draw) } },
    options: {
      p: draw.pick(0, 0.1, 0.5, 0.9, 1),
      seed: draw.integer(0, 2 ** 32 - 1),
      stream: draw.integer(0, 2 ** 32 - 1),
    },
  }),
};

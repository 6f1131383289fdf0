// The shapes and sizes of adaptive average pooling that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { AdaptiveAvgPool2dOptions } from './adaptiveAvgPool2d.ts';

export const cases: Cases<AdaptiveAvgPool2dOptions> = {
  cases: [
    {
      name: 'ResNet: global average, four channels at a time',
      inputs: { x: { shape: [2, 16, 7, 7] } },
      options: { outputSize: 1 },
    },
    {
      name: 'AlexNet: 6x6 from 6x6 is the identity',
      inputs: { x: { shape: [1, 8, 6, 6] } },
      options: { outputSize: 6 },
    },
    {
      name: 'AlexNet on larger images: overlapping cells',
      inputs: { x: { shape: [2, 3, 13, 10] } },
      options: { outputSize: 6 },
    },
    {
      name: 'output larger than the input: pixels repeat',
      inputs: { x: { shape: [2, 6, 3, 4] } },
      options: { outputSize: [7, 9] },
    },
    {
      name: 'VGG on 32x32 images: 7x7 from one pixel',
      inputs: { x: { shape: [2, 8, 1, 1] } },
      options: { outputSize: 7 },
    },
    {
      name: 'null keeps an extent',
      inputs: { x: { shape: [1, 5, 6, 11] } },
      options: { outputSize: [null, 3] },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [1, 1, 2048, 2049], fill: 'ties' } },
      options: { outputSize: null },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick, chance }) => ({
    inputs: { x: { shape: [integer(1, 3), pick(1, 3, 4, 6, 8, 10), integer(1, 15), integer(1, 15)] } },
    options: { outputSize: chance(0.2) ? [null, integer(1, 18)] : [integer(1, 18), integer(1, 18)] },
  }),
};

// The paddings that matter, each with its reason.
import type { Cases, Draw } from '../reference.ts';
import type { PadMode, PadOptions } from './pad.ts';

export const cases: Cases<PadOptions> = {
  cases: [
    {
      name: 'MNIST to LeNet-5: 28 to 32 pixels',
      inputs: { x: { shape: [1, 1, 28, 28] } },
      options: { padding: [2, 2, 2, 2] },
    },
    {
      name: 'images of eight channels, uneven sides, another value',
      inputs: { x: { shape: [2, 8, 4, 3] } },
      options: { padding: [0, 3, 2, 1], value: -1.5 },
      reason: 'four channels at a time',
    },
    {
      name: 'channels, one dimension alone, as shortcuts of small ResNets do',
      inputs: { x: { shape: [2, 4, 3, 3] } },
      options: { padding: [0, 0, 0, 0, 2, 2] },
    },
    {
      name: 'negative padding crops; its gradient is zero there',
      inputs: { x: { shape: [2, 3, 6, 7] } },
      options: { padding: [-2, 1, 1, -3], value: 2 },
    },
    {
      name: 'all six dimensions',
      inputs: { x: { shape: [1, 2, 3, 2, 2, 3] } },
      options: { padding: [1, 0, 0, 1, 2, 0, -1, 1, 1, 1, 0, 2], value: 0.5 },
      reason: 'three launches through scratch memory, and three back',
    },
    { name: 'rank one', inputs: { x: { shape: [5] } }, options: { padding: [3, 1] } },
    { name: 'no padding at all', inputs: { x: { shape: [2, 3] } }, options: { padding: [] } },
    {
      name: 'mirror images as far as they reach',
      inputs: { x: { shape: [2, 4, 4, 3] } },
      options: { padding: [2, 2, 3, 3], mode: 'reflect' },
      reason: 'an inner element shows three times along a dimension',
    },
    {
      name: 'mirror images of a row',
      inputs: { x: { shape: [2, 3, 5] } },
      options: { padding: [4, 1], mode: 'reflect' },
    },
    {
      name: 'mirror images of one pixel',
      inputs: { x: { shape: [1, 2, 1, 3] } },
      options: { padding: [1, 1, 0, 0], mode: 'reflect' },
      reason: 'first and last are the same element',
    },
    {
      name: 'borders repeated further than the image is wide',
      inputs: { x: { shape: [2, 3, 2, 4] } },
      options: { padding: [5, 3, 0, 4], mode: 'replicate' },
    },
    {
      name: 'one pixel everywhere',
      inputs: { x: { shape: [1, 4, 1, 1] } },
      options: { padding: [2, 2, 1, 3], mode: 'replicate' },
      reason: 'first and last are the same element',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2047, 2047], fill: 'ties' } },
      options: { padding: [1, 1, 1, 1] },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick }: Draw) => {
    const mode = pick<PadMode>('constant', 'reflect', 'replicate');
    const shape = Array.from({ length: integer(2, 4) }, () => pick(2, 3, 4, 7, 8));
    const padding = shape.slice(0, mode === 'constant' ? integer(1, shape.length) : integer(1, 2)).flatMap((_, i) => {
      const extent = shape[shape.length - 1 - i];
      const [least, most] = mode === 'constant' ? [1 - extent, 4] : mode === 'reflect' ? [0, extent - 1] : [0, 5];
      const first = integer(least, most);
      return [first, integer(Math.max(least, 1 - extent - first), most)];
    });
    return { inputs: { x: { shape } }, options: { padding, mode, value: mode === 'constant' ? 1.5 : 0 } };
  },
};

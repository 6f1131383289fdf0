// The orders that meet in practice, each with its reason.
import type { Cases, Draw } from '../reference.ts';
import type { ReorderOptions } from './reorder.ts';

export const cases: Cases<ReorderOptions> = {
  cases: [
    {
      name: 'channels-last images to rows, before flatten',
      inputs: { x: { shape: [2, 6, 4, 5] } },
      options: { order: [0, 1, 2, 3] },
    },
    {
      name: 'a convolution weight as its kernels want it',
      inputs: { x: { shape: [16, 6, 5, 5] } },
      options: { order: [2, 3, 1, 0] },
    },
    { name: 'a linear weight transposed', inputs: { x: { shape: [10, 84] } }, options: { order: [1, 0] } },
    { name: 'a scalar', inputs: { x: { shape: [] } }, options: { order: [] } },
    {
      name: 'all six dimensions',
      inputs: { x: { shape: [2, 3, 4, 2, 3, 2] } },
      options: { order: [5, 0, 3, 1, 4, 2] },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2049, 2047], fill: 'ties' } },
      options: { order: [1, 0] },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer }: Draw) => {
    const shape = Array.from({ length: integer(0, 6) }, () => integer(1, 5));
    const order = shape.map((_, dimension) => dimension);
    for (let i = order.length - 1; i > 0; i--) {
      const j = integer(0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return { inputs: { x: { shape } }, options: { order } };
  },
};

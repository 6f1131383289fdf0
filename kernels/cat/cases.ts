// How tensors may meet along a dimension, each with its reason.
import type { Shape } from '../definition.ts';
import type { Cases, Draw } from '../reference.ts';
import type { CatOptions } from './cat.ts';

const join = (dim: number, ...shapes: Shape[]) => ({
  inputs: Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape }])),
  options: { dim },
});

export const cases: Cases<CatOptions> = {
  cases: [
    { name: 'GoogLeNet: channels of images, four at a time', ...join(1, [2, 8, 5, 5], [2, 12, 5, 5], [2, 4, 5, 5]) },
    { name: 'channels that are no multiple of four', ...join(1, [2, 3, 4, 5], [2, 6, 4, 5]) },
    {
      name: 'a place that is no multiple of four',
      ...join(1, [1, 2, 3, 3], [1, 4, 3, 3]),
      reason: 'the second tensor alone could go four at a time',
    },
    { name: 'batches', ...join(0, [2, 3, 4, 4], [1, 3, 4, 4], [3, 3, 4, 4]) },
    { name: 'the width of images, counted from the end', ...join(-1, [2, 5, 3, 4], [2, 5, 3, 2]) },
    { name: 'one tensor alone', ...join(0, [3, 5]) },
    { name: 'rank one', ...join(0, [5], [1], [8]) },
    { name: 'rank six', ...join(3, [2, 1, 3, 2, 2, 4], [2, 1, 3, 5, 2, 4]) },
    {
      name: 'more tensors than an adapter binds buffers',
      ...join(1, ...Array.from({ length: 12 }, (_, i) => [4, 1 + (i % 3)])),
      reason: 'DenseNet; each has a launch of its own',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x0: { shape: [2047, 2049], fill: 'ties' }, x1: { shape: [1, 2049], fill: 'ties' } },
      options: { dim: 0 },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick }: Draw) => {
    const shape = Array.from({ length: integer(1, 5) }, () => pick(1, 2, 3, 4, 8));
    const along = integer(0, shape.length - 1);
    const part = () => shape.map((extent, d) => (d === along ? pick(1, 3, 4, 6, 8) : extent));
    return join(pick(along, along - shape.length), ...Array.from({ length: integer(1, 4) }, part));
  },
};

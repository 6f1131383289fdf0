// A value for each level, and one for what is erased: the specification.
// https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html and RandomErasing.html
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward({ x, values, erased }) {
    const [n, height, width] = x.shape;
    const channels = values.shape[0];
    const y = zeros([n, channels, height, width]);
    for (let i = 0; i < n; i++) {
      const [top, left, rows, columns] = erased ? erased.data.slice(4 * i, 4 * i + 4) : [0, 0, 0, 0];
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++) {
          const isErased = h >= top && h < top + rows && w >= left && w < left + columns;
          for (let c = 0; c < channels; c++) {
            const level = Math.floor(x.data[at(x.shape, i, h, w)] / 256 ** c) % 256;
            y.data[at(y.shape, i, c, h, w)] = values.data[at(values.shape, c, isErased ? 256 : level)];
          }
        }
    }
    return { y };
  },
};

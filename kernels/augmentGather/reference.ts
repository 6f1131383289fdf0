// Pixels by tables of rows and columns: the specification. Crops, flips and paddings of torchvision are such tables.
// https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { AugmentGatherOptions } from './augmentGather.ts';

export const reference: Reference<AugmentGatherOptions> = {
  forward({ images, plan }, { image, size, fills = [] }) {
    const [channels, height, width] = image;
    const n = plan.shape[0];
    const y = zeros([n, ...size]);
    for (let i = 0; i < n; i++)
      for (let oh = 0; oh < size[0]; oh++)
        for (let ow = 0; ow < size[1]; ow++) {
          const row = plan.data[at(plan.shape, i, 1 + oh)];
          const column = plan.data[at(plan.shape, i, 1 + size[0] + ow)];
          let pixel = 0;
          for (let c = 0; c < 3; c++) {
            const byte = ((c % channels) * height + row) * width + column;
            const word = images.data[at(images.shape, plan.data[at(plan.shape, i, 0)], Math.floor(byte / 4))];
            pixel += (Math.floor(word / 256 ** (byte % 4)) % 256) * 256 ** c;
          }
          const fill = Math.max(-1 - row, -1 - column);
          y.data[at(y.shape, i, oh, ow)] = fill >= 0 ? (fills[fill] ?? 0) : pixel;
        }
    return { y };
  },
};

// Adaptive average pooling in float64, naive: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import { type AdaptiveAvgPool2dOptions, adaptiveExtents } from './adaptiveAvgPool2d.ts';

export const reference: Reference<AdaptiveAvgPool2dOptions> = {
  forward({ x }, { outputSize }) {
    const [n, c, height, width] = x.shape;
    const [outHeight, outWidth] = adaptiveExtents(outputSize, height, width);
    const y = zeros([n, c, outHeight, outWidth]);
    for (let i = 0; i < n; i++)
      for (let channel = 0; channel < c; channel++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            const [top, bottom] = cell(oh, height, outHeight);
            const [left, right] = cell(ow, width, outWidth);
            let sum = 0;
            for (let h = top; h < bottom; h++)
              for (let w = left; w < right; w++) sum += x.data[at(x.shape, i, channel, h, w)];
            y.data[at(y.shape, i, channel, oh, ow)] = sum / ((bottom - top) * (right - left));
          }
    return { y };
  },

  backward({ x }, { y }, dy) {
    const [n, c, height, width] = x.shape;
    const [, , outHeight, outWidth] = y.shape;
    const dx = zeros(x.shape);
    for (let i = 0; i < n; i++)
      for (let channel = 0; channel < c; channel++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            const [top, bottom] = cell(oh, height, outHeight);
            const [left, right] = cell(ow, width, outWidth);
            const share = dy.data[at(y.shape, i, channel, oh, ow)] / ((bottom - top) * (right - left));
            for (let h = top; h < bottom; h++)
              for (let w = left; w < right; w++) dx.data[at(x.shape, i, channel, h, w)] += share;
          }
    return { x: dx };
  },
};

/** The positions [start, end) that output position `o` averages. */
function cell(o: number, size: number, outSize: number): [start: number, end: number] {
  return [Math.floor((o * size) / outSize), Math.ceil(((o + 1) * size) / outSize)];
}

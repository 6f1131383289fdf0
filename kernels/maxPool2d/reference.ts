// Max pooling in float64, naive: the specification. https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import { outputSize } from '../window.ts';
import { type MaxPool2dOptions, maxPoolWindow } from './maxPool2d.ts';

export const reference: Reference<MaxPool2dOptions> = {
  forward({ x }, options) {
    const [n, c, height, width] = x.shape;
    const window = maxPoolWindow(options);
    const { outHeight, outWidth } = outputSize('maxPool2d', height, width, window, options.ceilMode);
    const y = zeros([n, c, outHeight, outWidth]);
    const argmax = zeros([n, c, outHeight, outWidth]);
    for (let i = 0; i < n; i++)
      for (let channel = 0; channel < c; channel++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            let best = -Infinity;
            let bestTap = -1;
            for (let kh = 0; kh < window.kernelHeight; kh++)
              for (let kw = 0; kw < window.kernelWidth; kw++) {
                const h = oh * window.strideHeight + kh * window.dilationHeight - window.paddingHeight;
                const w = ow * window.strideWidth + kw * window.dilationWidth - window.paddingWidth;
                if (h < 0 || h >= height || w < 0 || w >= width) continue;
                const value = x.data[at(x.shape, i, channel, h, w)];
                if (value > best || Number.isNaN(value) || bestTap < 0) {
                  best = value;
                  bestTap = kh * window.kernelWidth + kw;
                }
              }
            y.data[at(y.shape, i, channel, oh, ow)] = best;
            argmax.data[at(y.shape, i, channel, oh, ow)] = bestTap;
          }
    return { y, argmax };
  },

  backward({ x }, { y, argmax }, dy, options) {
    const [n, c] = x.shape;
    const [, , outHeight, outWidth] = y.shape;
    const window = maxPoolWindow(options);
    const dx = zeros(x.shape);
    for (let i = 0; i < n; i++)
      for (let channel = 0; channel < c; channel++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            const from = at(y.shape, i, channel, oh, ow);
            const kh = Math.floor(argmax.data[from] / window.kernelWidth);
            const kw = argmax.data[from] % window.kernelWidth;
            const h = oh * window.strideHeight + kh * window.dilationHeight - window.paddingHeight;
            const w = ow * window.strideWidth + kw * window.dilationWidth - window.paddingWidth;
            dx.data[at(x.shape, i, channel, h, w)] += dy.data[from];
          }
    return { x: dx };
  },
};

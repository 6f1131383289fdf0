// Average pooling in float64, naive: the specification. https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import { outputSize } from '../window.ts';
import { type AvgPool2dOptions, avgPoolWindow } from './avgPool2d.ts';

export const reference: Reference<AvgPool2dOptions> = {
  forward({ x }, options) {
    const [n, c, height, width] = x.shape;
    const { outHeight, outWidth } = outputSize('avgPool2d', height, width, avgPoolWindow(options), options.ceilMode);
    const y = zeros([n, c, outHeight, outWidth]);
    for (let i = 0; i < n; i++)
      for (let channel = 0; channel < c; channel++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            const { top, bottom, left, right, divisor } = area(oh, ow, height, width, options);
            let sum = 0;
            for (let h = top; h < bottom; h++)
              for (let w = left; w < right; w++) sum += x.data[at(x.shape, i, channel, h, w)];
            y.data[at(y.shape, i, channel, oh, ow)] = sum / divisor;
          }
    return { y };
  },

  backward({ x }, { y }, dy, options) {
    const [n, c, height, width] = x.shape;
    const [, , outHeight, outWidth] = y.shape;
    const dx = zeros(x.shape);
    for (let i = 0; i < n; i++)
      for (let channel = 0; channel < c; channel++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            const { top, bottom, left, right, divisor } = area(oh, ow, height, width, options);
            const share = dy.data[at(y.shape, i, channel, oh, ow)] / divisor;
            for (let h = top; h < bottom; h++)
              for (let w = left; w < right; w++) dx.data[at(x.shape, i, channel, h, w)] += share;
          }
    return { x: dx };
  },
};

/** The part of the input under one window, and what its sum is divided by. */
function area(oh: number, ow: number, height: number, width: number, options: AvgPool2dOptions) {
  const window = avgPoolWindow(options);
  const { countIncludePad = true, divisorOverride } = options;
  let top = oh * window.strideHeight - window.paddingHeight;
  let left = ow * window.strideWidth - window.paddingWidth;
  // what ceil mode adds beyond the padding never counts, as in PyTorch
  let bottom = Math.min(top + window.kernelHeight, height + window.paddingHeight);
  let right = Math.min(left + window.kernelWidth, width + window.paddingWidth);
  const withPadding = (bottom - top) * (right - left);
  top = Math.max(top, 0);
  left = Math.max(left, 0);
  bottom = Math.min(bottom, height);
  right = Math.min(right, width);
  const inside = (bottom - top) * (right - left);
  return { top, bottom, left, right, divisor: divisorOverride ?? (countIncludePad ? withPadding : inside) };
}

// Local response normalisation in float64, naive: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
import { at, type NdArray, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { LocalResponseNormOptions } from './localResponseNorm.ts';

export const reference: Reference<LocalResponseNormOptions> = {
  forward({ x }, { size, alpha = 1e-4, beta = 0.75, k = 1 }) {
    const y = zeros(x.shape);
    const scale = zeros(x.shape);
    eachElement(x, (own, window) => {
      let sum = 0;
      for (const i of window(size)) sum += x.data[i] ** 2;
      scale.data[own] = k + (alpha / size) * sum;
      y.data[own] = x.data[own] / scale.data[own] ** beta;
    });
    return { y, scale };
  },

  backward({ x }, { scale }, dy, { size, alpha = 1e-4, beta = 0.75 }) {
    const dx = zeros(x.shape);
    eachElement(x, (own, window) => {
      dx.data[own] += dy.data[own] / scale.data[own] ** beta;
      const common = (dy.data[own] * x.data[own] * beta) / scale.data[own] ** (beta + 1);
      for (const i of window(size)) dx.data[i] -= ((2 * alpha) / size) * x.data[i] * common;
    });
    return { x: dx };
  },
};

/** Visits every element with the indices of its window of channels: size // 2 before it, (size - 1) // 2 after it. */
function eachElement({ shape }: NdArray, visit: (own: number, window: (size: number) => number[]) => void): void {
  const [n, channels, height, width] = shape;
  for (let i = 0; i < n; i++)
    for (let c = 0; c < channels; c++)
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++)
          visit(at(shape, i, c, h, w), (size) => {
            const first = c - Math.floor(size / 2);
            const inside: number[] = [];
            for (let channel = Math.max(first, 0); channel < Math.min(first + size, channels); channel++) {
              inside.push(at(shape, i, channel, h, w));
            }
            return inside;
          });
}

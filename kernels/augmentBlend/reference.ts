// ImageEnhance on each picture, the table read back into float32: the specification.
// https://github.com/python-pillow/Pillow/blob/9.4.0/src/PIL/ImageEnhance.py
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { AugmentBlendOptions } from './augmentBlend.ts';

export const reference: Reference<AugmentBlendOptions> = {
  forward({ x, plan }) {
    const [n, height, width] = x.shape;
    const y = zeros(x.shape);
    for (let i = 0; i < n; i++) {
      const kind = plan.data[at(plan.shape, i, 0)];
      let sum = 0;
      for (let p = 0; p < height * width; p++) sum += luma(x.data[i * height * width + p]);
      const mean = Math.floor(sum / (height * width) + 0.5);
      for (let p = 0; p < height * width; p++) {
        const pixel = x.data[i * height * width + p];
        const origin = [0, 0, mean, luma(pixel)][kind];
        let blended = kind === 0 ? pixel : 0;
        for (let c = 0; c < 3 && kind > 0; c++) {
          const entry = plan.data[at(plan.shape, i, 256 + (Math.floor(pixel / 256 ** c) % 256) - origin)];
          blended += total(origin, Math.floor(entry / 16) - 256, (entry % 16) - 1) * 256 ** c;
        }
        y.data[i * height * width + p] = blended;
      }
    }
    return { y };
  },
};

/** origin + product, cut to an integer, where a product is `whole` and a fraction that rounds up from 2^exponent on. */
function total(origin: number, whole: number, exponent: number): number {
  const sum = Math.max(origin + whole, 0);
  const reached = sum === 0 ? exponent === -1 : sum >= 2 ** exponent;
  return Math.min(sum + (reached ? 1 : 0), 255);
}

function luma(pixel: number): number {
  const [red, green, blue] = [pixel % 256, Math.floor(pixel / 256) % 256, Math.floor(pixel / 65536) % 256];
  return Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
}

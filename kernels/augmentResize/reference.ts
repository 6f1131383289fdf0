// Resize with given weights, naive: the specification. The passes are those of Pillow's ImagingResample
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Resample.c): columns first, each pass rounded.
import { at, type NdArray, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { AugmentResizeOptions } from './augmentResize.ts';

const UNIT = 2 ** 22;

export const reference: Reference<AugmentResizeOptions> = {
  forward({ x, plan, taps }, { size, fills = [] }) {
    const n = x.shape[0];
    const y = zeros([n, ...size]);
    for (let i = 0; i < n; i++) {
      const [top, left] = [plan.data[at(plan.shape, i, 0)], plan.data[at(plan.shape, i, 1)]];
      for (let oh = 0; oh < size[0]; oh++)
        for (let ow = 0; ow < size[1]; ow++) {
          const row = plan.data[at(plan.shape, i, 2 + oh)];
          const column = plan.data[at(plan.shape, i, 2 + size[0] + ow)];
          const fill = Math.max(-1 - row, -1 - column);
          let pixel = fill >= 0 ? (fills[fill] ?? 0) : 0;
          for (let c = 0; c < 3 && fill < 0; c++) {
            const level = weighted(taps, row, (h) =>
              weighted(taps, column, (w) => Math.floor(x.data[at(x.shape, i, top + h, left + w)] / 256 ** c) % 256),
            );
            pixel += level * 256 ** c;
          }
          y.data[at(y.shape, i, oh, ow)] = pixel;
        }
    }
    return { y };
  },
};

function weighted(taps: NdArray, row: number, level: (coordinate: number) => number): number {
  let sum = 0;
  for (let tap = 0; tap < taps.data[at(taps.shape, row, 1)]; tap++) {
    sum += taps.data[at(taps.shape, row, 2 + tap)] * level(taps.data[at(taps.shape, row, 0)] + tap);
  }
  return Math.min(Math.max(Math.floor((sum + UNIT / 2) / UNIT), 0), 255);
}

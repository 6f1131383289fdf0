// Resize, crop and normalise in float64, naive: the specification. The resize is Pillow's ImagingResample
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Resample.c), the rest torchvision's
// https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
import { at, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { ResizeNormalizeOptions } from './resizeNormalize.ts';

const UNIT = 2 ** 22;

export const reference: Reference<ResizeNormalizeOptions> = {
  forward({ x }, { resized, offset, crop, mean, std }) {
    const [height, width] = x.shape;
    const channels = mean.length;
    const y = zeros([1, channels, ...crop]);
    for (let oh = 0; oh < crop[0]; oh++)
      for (let ow = 0; ow < crop[1]; ow++)
        for (let c = 0; c < channels; c++) {
          let down = 0;
          for (const row of taps(oh + offset[0], height, resized[0])) {
            let across = 0;
            for (const column of taps(ow + offset[1], width, resized[1])) {
              across += column.weight * level(x.data[at(x.shape, row.index, column.index)], c, channels);
            }
            down += row.weight * rounded(across);
          }
          y.data[at(y.shape, 0, c, oh, ow)] = (rounded(down) / 255 - mean[c]) / std[c];
        }
    return { y };
  },
};

/** What one resized coordinate reads along an axis; nothing outside the picture. Weights are integers, of 2^-22. */
function taps(coordinate: number, inputs: number, resized: number): { index: number; weight: number }[] {
  if (coordinate < 0 || coordinate >= resized) return [];
  const scale = inputs / resized;
  const support = Math.max(scale, 1);
  const center = (coordinate + 0.5) * scale;
  const indices = Array.from({ length: inputs }, (_, index) => index);
  const heights = indices.map((index) => Math.max(1 - Math.abs(index + 0.5 - center) / support, 0));
  const sum = heights.reduce((total, value) => total + value, 0);
  return indices
    .map((index) => ({ index, weight: Math.floor(0.5 + (heights[index] / sum) * UNIT) }))
    .filter(({ weight }) => weight > 0);
}

function rounded(sum: number): number {
  return Math.floor((sum + UNIT / 2) / UNIT);
}

function level(pixel: number, c: number, channels: number): number {
  const [red, green, blue] = [pixel % 256, Math.floor(pixel / 256) % 256, Math.floor(pixel / 65536) % 256];
  if (channels === 3) return [red, green, blue][c];
  return Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
}

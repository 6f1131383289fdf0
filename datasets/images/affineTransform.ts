// Images under an affine map, bit for bit as Pillow's ImagingTransformAffine
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Geometry.c).

import type { Image } from './image.ts';
import { scaleNearest } from './scaleNearest.ts';

/** The output's (x, y) reads the input at (a x + b y + c, d x + e y + f). */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface AffineOptions {
  readonly width: number;
  readonly height: number;
  readonly interpolation: 'nearest' | 'bilinear' | 'bicubic';
  /** A level for each channel, where the input has no pixel. */
  readonly fill: readonly number[];
}

export function affineTransform(image: Image, matrix: AffineMatrix, options: AffineOptions): Image {
  if (options.interpolation !== 'nearest') return interpolated(image, matrix, options);
  const [a, b, c, d, e, f] = matrix;
  const { width, height, fill } = options;
  if (b !== 0 || d !== 0) return nearest(image, matrix, options);
  return scaleNearest(image, { size: width, step: a, offset: c }, { size: height, step: e, offset: f }, fill);
}

function filled({ channels }: Image, { width, height, fill }: AffineOptions): Image {
  const data = new Uint8Array(width * height * channels);
  if (channels === 1 || fill.every((level) => level === fill[0])) data.fill(fill[0]!);
  else for (let i = 0; i < data.length; i++) data[i] = fill[i % channels]!;
  return { width, height, channels, data };
}

/** In units of 2^-16 where all coordinates fit, in double precision otherwise; either way summed up step by step. */
function nearest(image: Image, matrix: AffineMatrix, options: AffineOptions): Image {
  const output = filled(image, options);
  const { width, height, channels, data } = output;
  const unit = isFixedPoint(matrix, options) ? 2 ** 16 : 1;
  const steps = unit === 1 ? matrix : matrix.map((value) => Math.floor(value * unit + 0.5));
  const [a, b, , d, e] = steps as unknown as AffineMatrix;
  let [rowX, rowY] = firstPlace(matrix);
  if (unit !== 1) [rowX, rowY] = [Math.floor(rowX * unit + 0.5), Math.floor(rowY * unit + 0.5)];
  const [endX, endY] = [image.width * unit, image.height * unit];
  let to = 0;
  for (let y = 0; y < height; y++, rowX += b, rowY += e) {
    let [placeX, placeY] = [rowX, rowY];
    for (let x = 0; x < width; x++, placeX += a, placeY += d, to += channels) {
      if (!(placeX >= 0 && placeX < endX && placeY >= 0 && placeY < endY)) continue;
      const from = (Math.floor(placeY / unit) * image.width + Math.floor(placeX / unit)) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = image.data[from + c]!;
    }
  }
  return output;
}

/** Where the centre of the first pixel lies; added in Pillow's order. */
function firstPlace([a, b, c, d, e, f]: AffineMatrix): readonly [x: number, y: number] {
  return [c + a * 0.5 + b * 0.5, f + d * 0.5 + e * 0.5];
}

/** Whether the four corners are places that 16 bits before the point hold. */
function isFixedPoint([a, b, c, d, e, f]: AffineMatrix, { width, height }: AffineOptions): boolean {
  const limit = 2 ** 15;
  return [0, width].every((x) =>
    [0, height].every((y) => Math.abs(x * a + y * b + c) < limit && Math.abs(x * d + y * e + f) < limit),
  );
}

function interpolated(image: Image, [a, b, c, d, e, f]: AffineMatrix, options: AffineOptions): Image {
  const output = filled(image, options);
  const sample = options.interpolation === 'bilinear' ? bilinear : bicubic;
  const { width, height, channels, data } = output;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const placeX = a * (x + 0.5) + b * (y + 0.5) + c;
      const placeY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (!(placeX >= 0 && placeX < image.width && placeY >= 0 && placeY < image.height)) continue;
      sample(image, placeX - 0.5, placeY - 0.5, data, (y * width + x) * channels);
    }
  }
  return output;
}

// Both write all channels of one pixel, cut off to integers and not rounded. Written flat: closures for the rows took
// tens of times as long.

function bilinear(
  { width, height, channels, data }: Image,
  x: number,
  y: number,
  output: Uint8Array,
  to: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const x0 = within(left, width) * channels;
  const x1 = within(left + 1, width) * channels;
  const y0 = within(top, height) * width * channels;
  const y1 = within(top + 1, height) * width * channels;
  for (let c = 0; c < channels; c++) {
    const upper = linear(data[y0 + x0 + c]!, data[y0 + x1 + c]!, x - left);
    const lower = linear(data[y1 + x0 + c]!, data[y1 + x1 + c]!, x - left);
    output[to + c] = linear(upper, lower, y - top);
  }
}

function linear(first: number, second: number, place: number): number {
  return first + (second - first) * place;
}

function bicubic({ width, height, channels, data }: Image, x: number, y: number, output: Uint8Array, to: number): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const x0 = within(left - 1, width) * channels;
  const x1 = within(left, width) * channels;
  const x2 = within(left + 1, width) * channels;
  const x3 = within(left + 2, width) * channels;
  const rows = [0, 0, 0, 0];
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < 4; i++) {
      const row = within(top - 1 + i, height) * width * channels + c;
      rows[i] = cubic(data[row + x0]!, data[row + x1]!, data[row + x2]!, data[row + x3]!, x - left);
    }
    const level = cubic(rows[0]!, rows[1]!, rows[2]!, rows[3]!, y - top);
    output[to + c] = Math.min(Math.max(level, 0), 255);
  }
}

/** The cubic convolution with a = -1, between the second and the third value. */
function cubic(first: number, second: number, third: number, fourth: number, place: number): number {
  const slope = -first + third;
  const curvature = 2 * (first - second) + third - fourth;
  const change = -first + second - third + fourth;
  return second + place * (slope + place * (curvature + place * change));
}

/** Beyond the edge, the place at the edge. */
function within(place: number, size: number): number {
  return place < 0 ? 0 : place < size ? place : size - 1;
}

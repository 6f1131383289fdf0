// A batch of images side by side in one picture, as torchvision's make_grid.

import { ShapeError } from '../kernels/errors.ts';
import type { Image } from './images/image.ts';
import type { TensorImage } from './transforms/transform.ts';

export interface GridOptions {
  /** Images a row. Default 8. */
  readonly nrow?: number;
  /** Pixels between images and around them. Default 2. */
  readonly padding?: number;
  /** Shifts and scales the values to [0, 1]. Default false. */
  readonly normalize?: boolean;
  /** What becomes 0 and 1, values beyond being clamped to it. Default: the smallest and the largest value. */
  readonly valueRange?: readonly [low: number, high: number];
  /** Takes the smallest and the largest value of each image instead of all. Default false. */
  readonly scaleEach?: boolean;
  /** The value between images. Default 0. */
  readonly padValue?: number;
}

/** Images of one size, row-major: [n, c, h, w]; one image as [c, h, w] or [h, w]. `x` of a batch is such `data`. */
export interface GridImages {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const MAX_VALUES = 2 ** 28;

/**
 * The grid, [c, rows · (h + padding) + padding, columns · (w + padding) + padding]; c is 3 where images have one
 * channel. A single image comes back without padding. Bit for bit as torchvision on float32.
 * @throws ShapeError for shapes and options that make no sense, or more than 2^28 values.
 * https://pytorch.org/vision/stable/generated/torchvision.utils.make_grid.html
 */
export function makeGrid(images: GridImages | readonly TensorImage[], options: GridOptions = {}): TensorImage {
  const { nrow = 8, padding = 2, normalize = false, valueRange, scaleEach = false, padValue = 0 } = options;
  checkOptions(nrow, padding, padValue, valueRange);
  const { data, shape } = 'shape' in images ? images : stacked(images);
  const [n, channels, h, w] = checkShape(data, shape);
  const size = channels * h * w;
  const columns = Math.min(nrow, n);
  const rows = Math.ceil(n / columns);
  const isSingle = n === 1;
  const height = isSingle ? h : rows * (h + padding) + padding;
  const width = isSingle ? w : columns * (w + padding) + padding;
  const planes = channels === 1 ? 3 : channels;
  if (!(planes * height * width <= MAX_VALUES)) {
    throw new ShapeError(`makeGrid: a grid of [${planes}, ${height}, ${width}] has more than ${MAX_VALUES} values`);
  }

  const range = valueRange ?? (scaleEach ? undefined : rangeOf(data));
  const grid = new Float32Array(planes * height * width).fill(padValue);
  for (let i = 0; i < n; i++) {
    const image = data.subarray(i * size, (i + 1) * size);
    const values = normalize ? normalized(image, range ?? rangeOf(image)) : image;
    const top = isSingle ? 0 : padding + Math.floor(i / columns) * (h + padding);
    const left = isSingle ? 0 : padding + (i % columns) * (w + padding);
    for (let c = 0; c < planes; c++) {
      const plane = channels === 1 ? 0 : c * h * w;
      for (let y = 0; y < h; y++) {
        const row = values.subarray(plane + y * w, plane + (y + 1) * w);
        grid.set(row, (c * height + top + y) * width + left);
      }
    }
  }
  return { data: grid, shape: [planes, height, width] };
}

/**
 * A grid of values in [0, 1] as a picture, rounded as torchvision's `save_image`: 255 x + 0.5, clamped and cut.
 * @throws ShapeError unless it has three channels or one
 */
export function gridImage({ data, shape: [channels, height, width] }: TensorImage): Image {
  if (channels !== 1 && channels !== 3) {
    throw new ShapeError(`gridImage: a picture has 1 or 3 channels, given [${channels}, ${height}, ${width}]`);
  }
  const area = height * width;
  const bytes = new Uint8Array(channels * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < channels; c++) {
      const level = Math.fround(Math.fround(data[c * area + i]! * 255) + 0.5);
      bytes[i * channels + c] = Math.min(255, Math.max(0, level));
    }
  }
  return { width, height, channels, data: bytes };
}

function stacked(images: readonly TensorImage[]): GridImages {
  if (images.length === 0) throw new ShapeError('makeGrid: expected at least one image, given none');
  const [first] = images;
  const size = first!.data.length;
  const data = new Float32Array(images.length * size);
  for (const [i, image] of images.entries()) {
    if (image.shape.join() !== first!.shape.join() || image.data.length !== size) {
      throw new ShapeError(
        `makeGrid: image ${i} has shape [${image.shape.join(', ')}], the first [${first!.shape.join(', ')}]`,
      );
    }
    data.set(image.data, i * size);
  }
  return { data, shape: [images.length, ...first!.shape] };
}

function checkOptions(nrow: number, padding: number, padValue: number, valueRange?: readonly number[]): void {
  const refuse = (what: string, given: unknown): never => {
    throw new ShapeError(`makeGrid: ${what}, given ${given}`);
  };
  if (!(Number.isInteger(nrow) && nrow > 0)) refuse('nrow must be a positive integer', nrow);
  if (!(Number.isInteger(padding) && padding >= 0)) refuse('padding must be an integer of at least 0', padding);
  if (!Number.isFinite(padValue)) refuse('padValue must be a finite number', padValue);
  if (valueRange && !(valueRange.length === 2 && valueRange.every(Number.isFinite) && valueRange[0]! <= valueRange[1]!))
    refuse('valueRange must be two finite numbers, the smaller one first', `[${valueRange.join(', ')}]`);
}

function checkShape(data: Float32Array, shape: readonly number[]): readonly [number, number, number, number] {
  const sizes = [...[1, 1, 1].slice(0, Math.max(0, 4 - shape.length)), ...shape];
  const isShape = shape.length >= 2 && shape.length <= 4 && shape.every((size) => Number.isInteger(size) && size > 0);
  const expected = sizes.reduce((product, size) => product * size, 1);
  if (isShape && data.length === expected) return sizes as unknown as readonly [number, number, number, number];
  throw new ShapeError(
    `makeGrid: images are [n, c, h, w], [c, h, w] or [h, w], given [${shape.join(', ')}] with ${data.length} values`,
  );
}

/** Not a number when any value is: as torch's min and max. */
function rangeOf(values: Float32Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Each step in float32, as torch; the divisor is a double until then. */
function normalized(values: Float32Array, [low, high]: readonly [number, number]): Float32Array {
  const [bottom, top, divisor] = [Math.fround(low), Math.fround(high), Math.fround(Math.max(high - low, 1e-5))];
  return values.map((value) => Math.fround(Math.min(top, Math.max(bottom, value)) - bottom) / divisor);
}

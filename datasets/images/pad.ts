// Pixels around an image, as torchvision's pad on a PIL image.
import { ShapeError } from '../../kernels/errors.ts';
import { crop } from './crop.ts';
import { checkImage, type Image } from './image.ts';

export const PADDING_MODES = ['constant', 'edge', 'reflect', 'symmetric'] as const;
export type PaddingMode = (typeof PADDING_MODES)[number];
/** Pixels on each side; negative ones crop. */
export type Sides = readonly [left: number, top: number, right: number, bottom: number];

export interface PadOptions {
  /** `constant` (default); `edge` repeats the border; `reflect` mirrors without it, `symmetric` with it. */
  readonly paddingMode?: PaddingMode;
  /** Level of the constant, 0 to 255, for all channels or each. Default 0. */
  readonly fill?: number | readonly number[];
}

const MAX_PIXELS = 2 ** 28;

/**
 * Where padding is larger than the image, mirrors repeat (numpy 1.24, which torchvision calls, is irregular there).
 * @throws ShapeError when nothing would be left, or more than 2^28 pixels be made
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pad.html
 */
export function pad(image: Image, sides: Sides, { paddingMode = 'constant', fill = 0 }: PadOptions = {}): Image {
  checkImage('pad', image);
  const [left, top, right, bottom] = sides;
  const width = image.width + left + right;
  const height = image.height + top + bottom;
  if (
    !(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && width * height <= MAX_PIXELS)
  ) {
    throw new ShapeError(
      `pad: [${sides}] around ${image.height}x${image.width} pixels makes ${height}x${width}, expected 1 to 2^28 pixels`,
    );
  }
  const { channels } = image;
  if (paddingMode === 'constant') {
    const data = filled(width * height, fillLevels('pad', fill, channels));
    paste(image, { width, data }, sides, height);
    return { width, height, channels, data };
  }
  // sides that crop go first, so that what they cut is not mirrored
  const kept = crop(image, {
    top: Math.max(-top, 0),
    left: Math.max(-left, 0),
    height: image.height + Math.min(top, 0) + Math.min(bottom, 0),
    width: image.width + Math.min(left, 0) + Math.min(right, 0),
  });
  const columns = paddedFrom(kept.width, Math.max(left, 0), width, paddingMode);
  const rows = paddedFrom(kept.height, Math.max(top, 0), height, paddingMode);
  const data = new Uint8Array(width * height * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * kept.width + column) * channels;
      for (let c = 0; c < channels; c++) data[to++] = kept.data[from + c]!;
    }
  }
  return { width, height, channels, data };
}

/** One level per channel. @throws ShapeError for another count, or levels that are no bytes */
export function fillLevels(where: string, fill: number | readonly number[], channels: number): readonly number[] {
  const given = typeof fill === 'number' ? [fill] : fill;
  const levels = given.length === 1 ? Array.from({ length: channels }, () => given[0]!) : given;
  if (levels.length === channels && levels.every((level) => Number.isInteger(level) && level >= 0 && level <= 255)) {
    return levels;
  }
  throw new ShapeError(`${where}: fill is a level 0 to 255, or ${channels} of them, given ${fill}`);
}

function filled(pixels: number, levels: readonly number[]): Uint8Array {
  const data = new Uint8Array(pixels * levels.length);
  if (levels.every((level) => level === levels[0])) return data.fill(levels[0]!);
  for (let i = 0; i < data.length; i++) data[i] = levels[i % levels.length]!;
  return data;
}

/** Puts the image at [left, top], cut where that is negative or it does not fit. */
function paste(image: Image, onto: { width: number; data: Uint8Array }, [left, top]: Sides, height: number): void {
  const { channels } = image;
  const first = Math.max(-left, 0);
  const columns = Math.min(image.width, onto.width - left) - first;
  for (let y = Math.max(-top, 0); columns > 0 && y < image.height && y + top < height; y++) {
    const from = (y * image.width + first) * channels;
    onto.data.set(
      image.data.subarray(from, from + columns * channels),
      ((y + top) * onto.width + first + left) * channels,
    );
  }
}

/** For each of `length` pixels along one axis, the first `before` of them added, which of the `size` given it repeats. */
export function paddedFrom(
  size: number,
  before: number,
  length: number,
  mode: Exclude<PaddingMode, 'constant'>,
): Int32Array<ArrayBuffer> {
  const last = size - 1;
  const period = mode === 'reflect' ? Math.max(2 * last, 1) : 2 * size;
  return Int32Array.from({ length }, (_, i) => {
    const at = i - before;
    if (mode === 'edge') return Math.min(Math.max(at, 0), last);
    const phase = ((at % period) + period) % period;
    return mode === 'reflect' ? (phase <= last ? phase : period - phase) : phase < size ? phase : period - 1 - phase;
  });
}

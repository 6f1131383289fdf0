// Masks as COCO stores them: lengths of runs of zeros and ones in turn, zeros first, down the columns of the image.
// Results are those of pycocotools' mask module (https://github.com/cocodataset/cocoapi).
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { shown } from '../shown.ts';

export interface Rle {
  readonly height: number;
  readonly width: number;
  /** Run lengths; their sum is height · width. The first may be 0. */
  readonly counts: Uint32Array<ArrayBuffer>;
}

/** A box in pixels, from the upper left corner. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** As many as an image that `decodeImage` reads can have. */
const MAX_PIXELS = 2 ** 27;

/**
 * Checks run lengths before anything is allocated for them.
 * @throws FormatError unless they are integers of at least 0 that sum to height · width
 */
export function toRle(counts: readonly unknown[], { height, width }: Pick<Rle, 'height' | 'width'>): Rle {
  checkMaskSize({ height, width });
  const pixels = height * width;
  let sum = 0;
  for (const [i, count] of counts.entries()) {
    if (!(Number.isSafeInteger(count) && (count as number) >= 0)) {
      throw new FormatError(`run ${i} is ${shown(count)}, expected an integer of at least 0`);
    }
    sum += count as number;
  }
  if (sum === pixels) return { height, width, counts: Uint32Array.from(counts as number[]) };
  throw new FormatError(`the runs sum to ${sum}, expected ${height} x ${width} = ${pixels}`);
}

/** @throws ShapeError for what no mask can have as its size */
export function checkMaskSize({ height, width }: Pick<Rle, 'height' | 'width'>): void {
  const isSized = [height, width].every((extent) => Number.isInteger(extent) && extent > 0);
  if (isSized && height * width <= MAX_PIXELS) return;
  throw new ShapeError(`a mask is of positive integers [h, w] with at most 2^27 pixels, given [${height}, ${width}]`);
}

/** Pixels that are set. */
export function rleArea({ counts }: Rle): number {
  return counts.reduce((sum, count, i) => sum + (i % 2 ? count : 0), 0);
}

/** The smallest box around the pixels that are set; all zero where there are none. */
export function rleBox({ height, counts }: Rle): Box {
  let [left, right, top, bottom] = [Number.POSITIVE_INFINITY, -1, height, -1];
  let start = 0;
  for (const [i, count] of counts.entries()) {
    if (i % 2 && count > 0) {
      const end = start + count - 1;
      const [first, last] = [Math.floor(start / height), Math.floor(end / height)];
      left = Math.min(left, first);
      right = Math.max(right, last);
      // a run that goes on in the next column has the bottom row of one and the top row of the other
      top = Math.min(top, first === last ? start % height : 0);
      bottom = Math.max(bottom, first === last ? end % height : height - 1);
    }
    start += count;
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** [h, w], row-major: 1 where the mask is set. */
export function rleToMask({ height, width, counts }: Rle): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(height * width);
  let at = 0;
  for (const [i, count] of counts.entries()) {
    if (i % 2) for (let p = at; p < at + count; p++) mask[(p % height) * width + Math.floor(p / height)] = 1;
    at += count;
  }
  return mask;
}

/**
 * @param mask [h, w], row-major; what is not 0 is set
 * @throws ShapeError for a mask of another length
 */
export function maskToRle(mask: ArrayLike<number>, { height, width }: Pick<Rle, 'height' | 'width'>): Rle {
  checkMaskSize({ height, width });
  if (mask.length !== height * width)
    throw new ShapeError(`a mask of [${height}, ${width}] has ${height * width} values, given ${mask.length}`);
  const counts: number[] = [];
  let [isSet, run] = [false, 0];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((mask[y * width + x] !== 0) !== isSet) {
        counts.push(run);
        [isSet, run] = [!isSet, 0];
      }
      run++;
    }
  }
  counts.push(run);
  return { height, width, counts: Uint32Array.from(counts) };
}

/**
 * The pixels set in any of the masks, or with `intersect` in all.
 * @throws ShapeError for no masks, or masks of several sizes
 */
export function mergeRles(masks: readonly Rle[], { intersect = false } = {}): Rle {
  if (masks.length === 0) throw new ShapeError('mergeRles: expected at least one mask, given none');
  let merged = masks;
  // in pairs, and pairs of pairs: one after the other takes time by the square of their number
  while (merged.length > 1) {
    const [half, all] = [Math.ceil(merged.length / 2), merged];
    merged = Array.from({ length: half }, (_, i) => {
      const [a, b] = [all[2 * i]!, all[2 * i + 1]];
      return b ? mergeTwo(a, b, intersect) : a;
    });
  }
  return merged[0]!;
}

function mergeTwo(a: Rle, b: Rle, intersect: boolean): Rle {
  const { height, width } = a;
  if (b.height !== height || b.width !== width) {
    throw new ShapeError(`mergeRles: a mask of [${b.height}, ${b.width}], the first of [${height}, ${width}]`);
  }
  const counts: number[] = [];
  let [isSet, run] = [false, 0];
  let [i, j, leftA, leftB] = [0, 0, a.counts[0]!, b.counts[0]!];
  for (let at = 0; at < height * width; ) {
    while (leftA === 0) leftA = a.counts[++i]!;
    while (leftB === 0) leftB = b.counts[++j]!;
    const both = i % 2 && j % 2;
    const either = i % 2 || j % 2;
    if (Boolean(intersect ? both : either) !== isSet) {
      counts.push(run);
      [isSet, run] = [!isSet, 0];
    }
    const step = Math.min(leftA, leftB);
    [at, run, leftA, leftB] = [at + step, run + step, leftA - step, leftB - step];
  }
  counts.push(run);
  return { height, width, counts: Uint32Array.from(counts) };
}

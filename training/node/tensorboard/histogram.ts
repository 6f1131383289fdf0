// The distribution of many values in the buckets that TensorBoard's histograms have.
import { ShapeError } from '../../../kernels/errors.ts';

/** TensorFlow's HistogramProto. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper end of each bucket; the first bucket is empty, its end is the lower end of the second. */
  readonly bucketLimit: number[];
  readonly bucket: number[];
}

/**
 * Buckets grow by a tenth from 1e-12 to 1e20, on both sides of zero, as those of `add_histogram` in PyTorch. What is no
 * finite number is left out.
 * @throws ShapeError without a finite value
 * https://pytorch.org/docs/stable/tensorboard.html
 */
export function histogramOf(where: string, values: ArrayLike<number>): Histogram {
  const limits = bucketLimits();
  const counts = new Float64Array(limits.length - 1);
  let [min, max, num, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    num++;
    sum += value;
    sumSquares += value * value;
    counts[bucketOf(value, limits)]++;
  }
  if (num === 0) throw new ShapeError(`${where}: a histogram needs a finite value, given none of ${values.length}`);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return {
    ...{ min, max, num, sum, sumSquares },
    bucketLimit: limits.slice(first, last + 2),
    bucket: [0, ...counts.subarray(first, last + 1)],
  };
}

/** Ascending, with zero in the middle. */
function bucketLimits(): number[] {
  const positive: number[] = [];
  // multiplied one after the other, so that the limits round as PyTorch's
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  return [...positive.map((limit) => -limit).reverse(), 0, ...positive];
}

/** The last bucket that starts at or below the value; values beyond all buckets go into the outermost. */
function bucketOf(value: number, limits: readonly number[]): number {
  let [low, high] = [0, limits.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (limits[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

// How GPU results are held against the float64 reference.
import type { NdArray } from '../kernels/ndarray.ts';

/**
 * float32 carries 24 bits (6e-8). Sums of a few thousand terms in another order than the reference's stay within a few
 * 1e-6 of the largest value, transcendental functions of WGSL within some 1e-6: 1e-4 of the largest true value leaves
 * room for both and still catches every indexing mistake.
 */
export const TOLERANCE = 1e-4;

/** How far one tensor is from the reference's. */
export interface Comparison {
  /** `conv2d y`, `conv2d dweight`. */
  readonly what: string;
  /** Elements, logical and row-major. */
  readonly shape: readonly number[];
  /** The largest |value - true|; infinite where one of them alone is a number. */
  readonly maxError: number;
  /** What |value - true| may be. */
  readonly allowed: number;
  /** The first element beyond that. */
  readonly mismatch: Mismatch | undefined;
}

export interface Mismatch {
  /** In row-major order. */
  readonly index: number;
  readonly actual: number;
  readonly expected: number;
}

/**
 * Elements may differ by tolerance * (largest |true|, at least 1e-3).
 * @throws Error when shapes differ
 */
export function compare(
  what: string,
  actual: { shape: readonly number[]; data: ArrayLike<number> },
  { shape, data }: NdArray,
  tolerance = TOLERANCE,
): Comparison {
  if (String(actual.shape) !== String(shape)) {
    throw new Error(`${what}: shape [${actual.shape.join(', ')}], expected [${shape.join(', ')}]`);
  }
  let scale = 1e-3;
  for (const value of data) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  const allowed = tolerance * scale;
  let maxError = 0;
  let mismatch: Mismatch | undefined;
  for (let i = 0; i < data.length; i++) {
    const [a, b] = [actual.data[i], data[i]];
    if (Object.is(a, b) || a === b) continue; // infinities and zeros
    const error = Math.abs(a - b);
    if (!(error <= allowed)) mismatch ??= { index: i, actual: a, expected: b };
    maxError = Math.max(maxError, Number.isNaN(error) ? Infinity : error);
  }
  return { what, shape, maxError, allowed, mismatch };
}

/** Throws when shapes differ, or with the first mismatch. */
export function assertClose(...compared: Parameters<typeof compare>): void {
  assertEqual(compare(...compared));
}

/** Throws with the first mismatch. */
export function assertEqual({ what, mismatch, allowed }: Comparison): void {
  if (!mismatch) return;
  const { index, actual, expected } = mismatch;
  throw new Error(`${what}: element ${index} is ${actual}, expected ${expected} to ${allowed.toPrecision(3)}`);
}

// How GPU results are held against the float64 reference.
import type { NdArray } from '../kernels/ndarray.ts';

/**
 * float32 carries 24 bits (6e-8). Sums of a few thousand terms in another order than the reference's stay within a few
 * 1e-6 of the largest value, transcendental functions of WGSL within some 1e-6: 1e-4 of the largest true value leaves
 * room for both and still catches every indexing mistake.
 */
export const TOLERANCE = 1e-4;

/** Throws when shapes differ, a value is not a number, or |value - true| > tolerance * (largest |true|, at least 1e-3). */
export function assertClose(
  what: string,
  actual: { shape: readonly number[]; data: ArrayLike<number> },
  expected: NdArray,
  tolerance = TOLERANCE,
): void {
  if (String(actual.shape) !== String(expected.shape)) {
    throw new Error(`${what}: shape [${actual.shape.join(', ')}], expected [${expected.shape.join(', ')}]`);
  }
  let scale = 1e-3;
  for (const value of expected.data) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]];
    if (Object.is(a, b) || a === b) continue; // infinities and zeros
    if (!(Math.abs(a - b) <= tolerance * scale)) {
      throw new Error(
        `${what}: element ${i} is ${a}, expected ${b} (tolerance ${tolerance} of ${scale.toPrecision(3)})`,
      );
    }
  }
}

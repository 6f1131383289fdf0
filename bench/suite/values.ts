// The numbers every contender starts from, made in each process from a formula instead of being sent: a convolution's
// input has millions. pytorch.py holds the same formula, to the bit.

/** A tensor of the problem in PyTorch's layout: uniform in `center ± radius`, by a hash of seed and position. */
export interface Input {
  readonly shape: readonly number[];
  readonly seed: number;
  /** Default 0. */
  readonly center?: number;
  readonly radius: number;
  /** Of a layer: libraries lay these out in ways of their own. Default false: images, matrices. */
  readonly isWeight?: boolean;
  /** `[c, h, w]` where a linear weight's inputs are a flattened image: channels-last libraries lay them out as h w c. */
  readonly image?: readonly number[];
}

/** The values in row-major order of `shape`, exact float32. */
export function valuesOf({ shape, seed, center = 0, radius }: Input): Float32Array<ArrayBuffer> {
  const values = new Float32Array(sizeOf(shape));
  const offset = Math.imul(seed + 1, 0x85ebca6b);
  for (let i = 0; i < values.length; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + offset) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    h ^= h >>> 16;
    values[i] = center + radius * ((h >>> 8) / 2 ** 23 - 1);
  }
  return values;
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

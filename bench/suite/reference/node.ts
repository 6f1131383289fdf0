// A value of the float64 reference, with the gradient that backward passes add to.
import { sizeOf } from '../values.ts';

export interface Node {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly gradient: Float64Array;
}

/** Zeros of a shape, or `values`. */
export function sized(shape: readonly number[], values: ArrayLike<number> = { length: 0 }): Node {
  const size = sizeOf(shape);
  return {
    shape,
    values: values.length ? Float64Array.from(values) : new Float64Array(size),
    gradient: new Float64Array(size),
  };
}

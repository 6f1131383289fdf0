// Dense float64 arrays in logical row-major order: the language of the references, which are the specification.
import { type Shape, sizeOf } from './definition.ts';

export interface NdArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export type NdArrays = Readonly<Record<string, NdArray>>;

export function zeros(shape: Shape): NdArray {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

export function ndarray(shape: Shape, values: ArrayLike<number>): NdArray {
  if (values.length !== sizeOf(shape)) throw new RangeError(`${values.length} values for shape [${shape.join(', ')}]`);
  return { shape, data: Float64Array.from(values) };
}

/** `y[i] = f(x[i], i)`, the same shape. */
export function map(x: NdArray, f: (value: number, index: number) => number): NdArray {
  return { shape: x.shape, data: x.data.map(f) };
}

/** Offset of an index in row-major order: `at([n, c, h, w], n, c, h, w)`. */
export function at(shape: Shape, ...index: number[]): number {
  return index.reduce((offset, i, dimension) => offset * shape[dimension] + i, 0);
}

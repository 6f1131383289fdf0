// Between logical row-major order (what users give and get) and a tensor's physical order (what kernels want).
import { type Order, type Shape, sizeOf, stridesOf } from '../kernels/definition.ts';

type Typed = Float32Array | Uint32Array | Int32Array;

/** Whether two orders lay the same shape out alike: dimensions of extent 1 may stand anywhere. */
export function equivalentOrder(shape: Shape, a: Order, b: Order): boolean {
  const dimensions = (order: Order) => order.filter((dimension) => shape[dimension] !== 1);
  const left = dimensions(a);
  return dimensions(b).every((dimension, i) => dimension === left[i]);
}

/** Row-major values to physical order. Returns the same array when nothing moves. */
export function reorder<T extends Typed>(values: T, shape: Shape, order: Order): T {
  return permuted(values, shape, rowMajor(shape), order);
}

/** Physical values back to row-major. */
export function restore<T extends Typed>(values: T, shape: Shape, order: Order): T {
  return permuted(values, shape, order, rowMajor(shape));
}

function rowMajor(shape: Shape): Order {
  return shape.map((_, dimension) => dimension);
}

function permuted<T extends Typed>(values: T, shape: Shape, from: Order, to: Order): T {
  if (equivalentOrder(shape, from, to)) return values;
  const result = new (values.constructor as new (length: number) => T)(sizeOf(shape));
  const strides = stridesOf({ shape, order: from });
  const extents = to.map((dimension) => shape[dimension]);
  const steps = to.map((dimension) => strides[dimension]);
  const index = new Array<number>(to.length).fill(0);
  const inner = to.length - 1;
  let source = 0;
  for (let target = 0; target < result.length; target += extents[inner]) {
    for (let i = 0; i < extents[inner]; i++) result[target + i] = values[source + i * steps[inner]];
    for (let dimension = inner - 1; dimension >= 0; dimension--) {
      source += steps[dimension];
      if (++index[dimension] < extents[dimension]) break;
      source -= steps[dimension] * extents[dimension];
      index[dimension] = 0;
    }
  }
  return result;
}

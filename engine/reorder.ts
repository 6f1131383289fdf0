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

/** Pixels of a square that fits a cache whichever way it is walked through. */
const TILE = 32;

function permuted<T extends Typed>(values: T, shape: Shape, from: Order, to: Order): T {
  if (equivalentOrder(shape, from, to)) return values;
  const result = new (values.constructor as new (length: number) => T)(sizeOf(shape));
  if (result.length === 0) return result;
  const source = stridesOf({ shape, order: from });
  const target = stridesOf({ shape, order: to });
  const wide = (order: Order) => order.filter((dimension) => shape[dimension] !== 1);
  const across = wide(to).at(-1)!; // neighbours in the result
  const along = wide(from).at(-1)!; // neighbours in the values
  const outer = wide(to).filter((dimension) => dimension !== across && dimension !== along);
  const index = new Array<number>(outer.length).fill(0);
  for (let [at, put, isDone] = [0, 0, false]; !isDone; ) {
    if (across === along) result.set(values.subarray(at, at + shape[across]), put);
    else
      transpose(values.subarray(at), result.subarray(put), {
        rows: shape[along],
        columns: shape[across],
        step: source[across],
        stride: target[along],
      });
    isDone = true;
    for (let i = outer.length - 1; i >= 0 && isDone; i--) {
      const dimension = outer[i];
      isDone = ++index[i] === shape[dimension];
      if (isDone) index[i] = 0;
      const moved = isDone ? 1 - shape[dimension] : 1;
      at += moved * source[dimension];
      put += moved * target[dimension];
    }
  }
  return result;
}

interface Transposition {
  rows: number;
  columns: number;
  /** From one column to the next in the values, where rows are neighbours. */
  step: number;
  /** From one row to the next in the result, where columns are neighbours. */
  stride: number;
}

/** In square tiles: one of the two is read or written far apart, and a cache line is used up before it is lost. */
function transpose(values: Typed, result: Typed, { rows, columns, step, stride }: Transposition): void {
  for (let row0 = 0; row0 < rows; row0 += TILE) {
    const rowEnd = Math.min(row0 + TILE, rows);
    for (let column0 = 0; column0 < columns; column0 += TILE) {
      const columnEnd = Math.min(column0 + TILE, columns);
      for (let row = row0; row < rowEnd; row++) {
        for (let column = column0; column < columnEnd; column++) {
          result[row * stride + column] = values[row + column * step];
        }
      }
    }
  }
}

// Which dimensions a reduction removes, and what it leaves: the door of sum, mean, max and argmax.
import { type DType, type Specs, sizeOf, spec, type TensorSpec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { show } from '../rank.ts';

export interface ReduceOptions {
  /** Dimensions to reduce, negative ones counted from the end. Default, and for an empty list: all. */
  dim?: number | readonly number[] | undefined;
  /** Leaves reduced dimensions in place with extent 1. Default false. */
  keepDim?: boolean | undefined;
}

/**
 * One dimension, counted from the front.
 * @throws ShapeError when there is no such dimension
 */
export function dimension(where: string, dim: number, shape: readonly number[]): number {
  if (!Number.isInteger(dim) || dim < -shape.length || dim >= shape.length) {
    const legal = shape.length ? `-${shape.length} … ${shape.length - 1}` : 'none: x is a scalar';
    throw new ShapeError(`${where}: dim ${dim} does not exist (x: ${show(shape)}; legal: ${legal})`);
  }
  return dim < 0 ? dim + shape.length : dim;
}

/** The reduced dimensions in ascending order. @throws ShapeError when one does not exist or is named twice */
export function reducedDims(where: string, shape: readonly number[], { dim = [] }: ReduceOptions): number[] {
  const named = typeof dim === 'number' ? [dim] : dim;
  if (named.length === 0) return shape.map((_, i) => i);
  const dims = named.map((one) => dimension(where, one, shape)).sort((a, b) => a - b);
  const twice = dims.find((one, i) => one === dims[i + 1]);
  if (twice !== undefined) {
    throw new ShapeError(`${where}: dimension ${twice} is named twice in dim ${show(named)} (x: ${show(shape)})`);
  }
  return dims;
}

/**
 * The result: in x's own order with `keepDim`, otherwise in the default order of its rank.
 * @throws ShapeError also when x has more than 6 dimensions
 */
export function reducedSpec(where: string, { x }: Specs, options: ReduceOptions, dtype: DType = 'float32'): TensorSpec {
  if (x.shape.length > 6) throw new ShapeError(`${where}: at most 6 dimensions, given x ${show(x.shape)}`);
  const dims = new Set(reducedDims(where, x.shape, options));
  if (options.keepDim) {
    return { shape: x.shape.map((extent, i) => (dims.has(i) ? 1 : extent)), dtype, order: x.order };
  }
  return spec(
    x.shape.filter((_, i) => !dims.has(i)),
    dtype,
  );
}

/** For maxima: of nothing there is none. @throws ShapeError when a reduced dimension has no elements */
export function checkReducible(where: string, { x: { shape } }: Specs, options: ReduceOptions): void {
  if (reducedDims(where, shape, options).some((dim) => shape[dim] === 0)) {
    throw new ShapeError(`${where}: x has no elements to reduce (x: ${show(shape)})`);
  }
}

/** Whether nothing is launched: the engine leaves zeros, which is what sums over nothing are. */
export function isEmpty({ x }: Specs): boolean {
  return sizeOf(x.shape) === 0;
}

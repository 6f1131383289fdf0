// The index arithmetic of a reduction: dimensions in physical order, neighbours that step alike merged into one.
import { sizeOf, stridesOf, type TensorSpec } from '../definition.ts';

/** Dimensions that are walked as one. */
export interface Group {
  readonly extent: number;
  /** Step in x, in elements. */
  readonly x: number;
  /** Step in y; 0 where reduced. */
  readonly y: number;
  /** Step in the row-major index over the reduced logical dimensions; 0 where kept. */
  readonly position: number;
  readonly reduced: boolean;
}

/** All of x's dimensions as groups, outermost first. At least one group. */
export function groupsOf(x: TensorSpec, y: TensorSpec, dims: readonly number[]): Group[] {
  const xStrides = stridesOf(x);
  const yStrides = yStridesOf(x, y, dims);
  const groups = x.order.map((dimension): Group => {
    const reduced = dims.includes(dimension);
    return {
      extent: x.shape[dimension],
      x: xStrides[dimension],
      y: reduced ? 0 : yStrides[dimension],
      position: reduced ? sizeOf(dims.filter((later) => later > dimension).map((later) => x.shape[later])) : 0,
      reduced,
    };
  });
  const merged: Group[] = [];
  for (const group of groups.filter(({ extent }) => extent > 1)) {
    const outer = merged.at(-1);
    if (outer && stepAlike(outer, group)) merged[merged.length - 1] = { ...group, extent: outer.extent * group.extent };
    else merged.push(group);
  }
  return merged.length ? merged : [{ extent: 1, x: 1, y: 1, position: 0, reduced: false }];
}

/** Total extent of some groups. */
export function extentOf(groups: readonly Group[]): number {
  return sizeOf(groups.map(({ extent }) => extent));
}

/** y's strides by x's dimensions, whether or not y kept the reduced ones. */
function yStridesOf(x: TensorSpec, y: TensorSpec, dims: readonly number[]): number[] {
  const strides = stridesOf(y);
  if (y.shape.length === x.shape.length) return strides;
  let next = 0;
  return x.shape.map((_, dimension) => (dims.includes(dimension) ? 0 : strides[next++]));
}

function stepAlike(outer: Group, inner: Group): boolean {
  return (
    outer.reduced === inner.reduced &&
    outer.x === inner.extent * inner.x &&
    outer.y === inner.extent * inner.y &&
    outer.position === inner.extent * inner.position
  );
}

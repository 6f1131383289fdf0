// Shapes: views that share memory with their input wherever its elements lie as the new shape wants them, and the two
// operations that move elements, cat and pad.
import { cat as catOperation } from '../../kernels/cat/cat.ts';
import { orderOf, type Shape, sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { type PadOptions, pad as padOperation } from '../../kernels/pad/pad.ts';
import { show } from '../../kernels/rank.ts';
import { dimension } from '../../kernels/reduce/dims.ts';
import { apply, reordered } from '../apply.ts';
import { equivalentOrder } from '../reorder.ts';
import type { Tensor } from '../tensor.ts';
import { view } from '../view.ts';
import { cast } from './cast.ts';

/**
 * The same elements, in logical row-major order, under another shape. Copies only where they lie in another order
 * (images are channels-last in memory).
 * @param shape one extent may be -1: what is left
 * @throws ShapeError when the number of elements differs
 * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const wanted = inferred(x.shape, shape);
  if (show(wanted) === show(x.shape)) return view(x, 'reshape', x);
  const rowMajor = orderOf('rowMajor', x.shape.length);
  const rows = equivalentOrder(x.shape, x.order, rowMajor) ? x : reordered(x, rowMajor);
  const y = view(rows, 'reshape', { shape: wanted, order: orderOf('rowMajor', wanted.length) });
  if (rows !== x) rows.dispose(); // y shares its memory and its place in the graph
  return y;
}

/**
 * Merges the dimensions `startDim` to `endDim`, both included: `flatten(x, 1)` makes `[n, c * h * w]` of `[n, c, h, w]`.
 * @param startDim default 0, as in PyTorch (`nn.Flatten` starts at 1); negative ones count from the end
 * @throws ShapeError when there are no such dimensions, or they are the wrong way round
 * @see https://pytorch.org/docs/stable/generated/torch.flatten.html
 */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  if (x.shape.length === 0) return reshape(x, [1]);
  const start = dimension('flatten', startDim, x.shape);
  const end = dimension('flatten', endDim, x.shape);
  if (start > end)
    throw new ShapeError(`flatten: startDim ${startDim} comes after endDim ${endDim} (x: ${show(x.shape)})`);
  const merged = sizeOf(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)]);
}

/**
 * Dimensions in another order; never copies.
 * @param dims for each dimension of the result, which one of x it is; negative ones count from the end
 * @throws ShapeError when `dims` is no permutation
 * @see https://pytorch.org/docs/stable/generated/torch.permute.html
 */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  const from = dims.map((dim) => dimension('permute', dim, x.shape));
  if (from.length !== x.shape.length || new Set(from).size !== from.length) {
    throw new ShapeError(`permute: dims must name every dimension of x ${show(x.shape)} once, given ${show(dims)}`);
  }
  return view(x, 'permute', {
    shape: from.map((dim) => x.shape[dim]),
    order: x.order.map((dim) => from.indexOf(dim)),
  });
}

/**
 * Exchanges two dimensions; never copies.
 * @throws ShapeError when one does not exist
 * @see https://pytorch.org/docs/stable/generated/torch.transpose.html
 */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [dimension('transpose', dim0, x.shape), dimension('transpose', dim1, x.shape)];
  return permute(
    x,
    x.shape.map((_, dim) => (dim === a ? b : dim === b ? a : dim)),
  );
}

/**
 * Drops one dimension if its extent is 1, or without `dim` every such dimension; never copies.
 * @throws ShapeError when there is no such dimension
 * @see https://pytorch.org/docs/stable/generated/torch.squeeze.html
 */
export function squeeze(x: Tensor, dim?: number): Tensor {
  const only = dim === undefined ? undefined : dimension('squeeze', dim, x.shape);
  const kept = x.shape.map((_, d) => d).filter((d) => x.shape[d] !== 1 || (only !== undefined && d !== only));
  return view(x, 'squeeze', {
    shape: kept.map((d) => x.shape[d]),
    order: x.order.filter((d) => kept.includes(d)).map((d) => kept.indexOf(d)),
  });
}

/**
 * Adds a dimension of extent 1 before dimension `dim`; never copies.
 * @param dim 0 … rank; negative ones count from behind the last: -1 adds it at the end
 * @throws ShapeError when there is no such place
 * @see https://pytorch.org/docs/stable/generated/torch.unsqueeze.html
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const shape = [...x.shape, 1];
  const at = dimension('unsqueeze', dim, shape);
  return view(x, 'unsqueeze', {
    shape: [...x.shape.slice(0, at), 1, ...x.shape.slice(at)],
    order: [at, ...x.order.map((d) => (d < at ? d : d + 1))],
  });
}

/**
 * Tensors one after another along a dimension.
 * @param tensors at least one; all of one dtype (float16 beside float32 becomes float32), and of one shape except along
 *   `dim`
 * @throws ShapeError when they do not fit
 * @see https://pytorch.org/docs/stable/generated/torch.cat.html
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  const dtypes = new Set(tensors.map(({ dtype }) => dtype));
  const isMixed = dtypes.size === 2 && dtypes.has('float16') && dtypes.has('float32');
  const alike = isMixed ? tensors.map((tensor) => cast(tensor, 'float32')) : tensors;
  return apply(catOperation, Object.fromEntries(alike.map((tensor, i) => [`x${i}`, tensor])), { dim }).y;
}

/**
 * Adds elements around a tensor.
 * @param padding pairs from the last dimension to the first: `[left, right, top, bottom, …]`; negative numbers crop
 *   (mode `constant` only)
 * @param options `mode`: `'constant'` (default), or over the last two dimensions at most `'reflect'` (padding below the
 *   extent) or `'replicate'`; `value` of the constant (0)
 * @throws ShapeError when the padding does not fit x or the mode
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
export function pad(
  x: Tensor,
  padding: readonly number[],
  { mode = 'constant', value = 0 }: Omit<PadOptions, 'padding'> = {},
): Tensor {
  return apply(padOperation, { x }, { padding, mode, value }).y;
}

/** A shape with its -1 filled in. @throws ShapeError */
function inferred(from: Shape, to: Shape): Shape {
  const size = sizeOf(from);
  const known = sizeOf(to.filter((extent) => extent !== -1));
  const free = to.filter((extent) => extent === -1).length;
  const legal = to.every((extent) => Number.isInteger(extent) && extent >= -1) && free <= 1;
  const rest = free ? size / known : 1;
  if (!legal || !Number.isInteger(rest) || known * rest !== size) {
    throw new ShapeError(`reshape: x ${show(from)} has ${size} elements, which shape ${show(to)} does not hold`);
  }
  return to.map((extent) => (extent === -1 ? rest : extent));
}

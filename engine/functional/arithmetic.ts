// Sums, differences, products and quotients of a tensor with another one or with a number.
import { add as addOperation } from '../../kernels/add/add.ts';
import { affine } from '../../kernels/affine/affine.ts';
import { div as divOperation } from '../../kernels/div/div.ts';
import { mul as mulOperation } from '../../kernels/mul/mul.ts';
import { sub as subOperation } from '../../kernels/sub/sub.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/**
 * `x + other`.
 * @param x any shape of at most six dimensions, as for all operations here
 * @param other a tensor whose shape broadcasts with x's (aligned at the last dimension, extents equal or 1), or a number
 * @throws ShapeError when the shapes do not broadcast
 * @see https://pytorch.org/docs/stable/generated/torch.add.html
 */
export function add(x: Tensor, other: Tensor | number): Tensor {
  if (typeof other === 'number') return apply(affine, { x }, { shift: other }).y;
  return apply(addOperation, { x, other }, {}).y;
}

/**
 * `x - other`. Shapes and errors as for `add`.
 * @see https://pytorch.org/docs/stable/generated/torch.sub.html
 */
export function sub(x: Tensor, other: Tensor | number): Tensor {
  if (typeof other === 'number') return apply(affine, { x }, { shift: -other }).y;
  return apply(subOperation, { x, other }, {}).y;
}

/**
 * `x * other`. Shapes and errors as for `add`.
 * @see https://pytorch.org/docs/stable/generated/torch.mul.html
 */
export function mul(x: Tensor, other: Tensor | number): Tensor {
  if (typeof other === 'number') return apply(affine, { x }, { scale: other }).y;
  return apply(mulOperation, { x, other }, {}).y;
}

/**
 * `x / other`; by a number: times its reciprocal, as PyTorch does on GPUs. Shapes and errors as for `add`.
 * @see https://pytorch.org/docs/stable/generated/torch.div.html
 */
export function div(x: Tensor, other: Tensor | number): Tensor {
  if (typeof other === 'number') return apply(affine, { x }, { scale: 1 / other }).y;
  return apply(divOperation, { x, other }, {}).y;
}

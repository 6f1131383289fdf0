// Reductions over any dimensions, and what normalises along one. Dimensions may be negative: counted from the end.
// x has at most 6 dimensions and at least one element; everything here throws ShapeError otherwise, and for a
// dimension that does not exist or is named twice.
import { amax as amaxOperation } from '../../kernels/amax/amax.ts';
import { argmax as argmaxOperation } from '../../kernels/argmax/argmax.ts';
import { logSoftmax as logSoftmaxOperation } from '../../kernels/logSoftmax/logSoftmax.ts';
import { max as maxOperation } from '../../kernels/max/max.ts';
import { mean as meanOperation } from '../../kernels/mean/mean.ts';
import type { ReduceOptions } from '../../kernels/reduce/dims.ts';
import { softmax as softmaxOperation } from '../../kernels/softmax/softmax.ts';
import { sum as sumOperation } from '../../kernels/sum/sum.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/** One dimension or several; undefined and the empty list stand for all. */
export type Dims = ReduceOptions['dim'];

export interface KeepDim {
  /** Leaves reduced dimensions in place with extent 1. Default false. */
  keepDim?: boolean;
}

/**
 * The sum over `dim` (default: all dimensions, a scalar of shape `[]`). Long sums are sums of blocks, so float32's
 * error stays near 1e-6 of the largest partial sum; the order of the terms is fixed.
 * @see https://pytorch.org/docs/stable/generated/torch.sum.html
 */
export function sum(x: Tensor, dim?: Dims, { keepDim = false }: KeepDim = {}): Tensor {
  return apply(sumOperation, { x }, { dim, keepDim }).y;
}

/**
 * The mean over `dim` (default: all dimensions, a scalar of shape `[]`).
 * @see https://pytorch.org/docs/stable/generated/torch.mean.html
 */
export function mean(x: Tensor, dim?: Dims, { keepDim = false }: KeepDim = {}): Tensor {
  return apply(meanOperation, { x }, { dim, keepDim }).y;
}

/**
 * The largest value over any dimensions (default: all). NaN beats every number. Elements that are equally large share
 * the gradient evenly.
 * @see https://pytorch.org/docs/stable/generated/torch.amax.html
 */
export function amax(x: Tensor, dim?: Dims, { keepDim = false }: KeepDim = {}): Tensor {
  return apply(amaxOperation, { x }, { dim, keepDim }).y;
}

/**
 * Without `dim` the largest value of all, a scalar: `amax(x)`. With it, the largest along that dimension and where each
 * lies (uint32): the first of equal values wins and takes the whole gradient. NaN beats every number.
 * @see https://pytorch.org/docs/stable/generated/torch.max.html
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, dim: number, options?: KeepDim): { values: Tensor; indices: Tensor };
export function max(x: Tensor, dim?: number, { keepDim = false }: KeepDim = {}) {
  if (dim === undefined) return amax(x);
  const { y, indices } = apply(maxOperation, { x }, { dim, keepDim });
  return { values: y, indices };
}

/**
 * Where the largest value along `dim` lies, uint32; without `dim` its index in the flattened tensor (row-major in the
 * logical shape). The first of equal values wins. No gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.argmax.html
 */
export function argmax(x: Tensor, dim?: number, { keepDim = false }: KeepDim = {}): Tensor {
  return apply(argmaxOperation, { x }, { dim, keepDim }).y;
}

/**
 * exp(x) / sum of exp(x) along `dim`: positive, summing to 1. Stable for logits of any size. The shape and order of x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 */
export function softmax(x: Tensor, dim: number): Tensor {
  return apply(softmaxOperation, { x }, { dim }).y;
}

/**
 * log(softmax(x)) along `dim`, finite where softmax has become 0. The shape and order of x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return apply(logSoftmaxOperation, { x }, { dim }).y;
}

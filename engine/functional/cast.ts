// Between the floating-point types.
import { cast as castOperation } from '../../kernels/cast/cast.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The same values as float16 (to nearest, ties to even; beyond 65,504 infinite) or float32; `x` itself where it is that
 * already. The gradient has the dtype of x.
 * @param x float32 or float16, any shape
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.to.html
 */
export function cast(x: Tensor, dtype: 'float16' | 'float32'): Tensor {
  return x.dtype === dtype ? x : apply(castOperation, { x }, { dtype }).y;
}

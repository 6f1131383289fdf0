// Products of matrices.
import { type LinearOptions, linear as linearOperation } from '../../kernels/linear/linear.ts';
import { type MatmulOptions, matmul as matmulOperation } from '../../kernels/matmul/matmul.ts';
import { apply, reordered } from '../apply.ts';
import { equivalentOrder } from '../reorder.ts';
import type { Tensor } from '../tensor.ts';

/**
 * `x weight' + bias`. https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 *
 * @param x `[..., in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @param options `relu`: whether `max(y, 0)` is what is stored, without a pass of its own (false)
 * @returns `[..., out]`
 * @throws ShapeError
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, options: LinearOptions = {}): Tensor {
  return apply(linearOperation, { x, weight, bias }, options).y;
}

/**
 * Matrix product `[m, k] x [k, n]`, batched `[batch, m, k] x [batch, k, n]`, or `[batch, m, k] x [k, n]`.
 * https://pytorch.org/docs/stable/generated/torch.matmul.html
 *
 * @param options `transposeA`, `transposeB`: read the matrix transposed, without a copy; both false
 * @throws ShapeError
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  if (a.shape.length === 3 && b.shape.length === 2) {
    // one b for all batches: they must follow each other like rows
    const rows = options.transposeA ? [0, 2, 1] : [0, 1, 2];
    const inRows = equivalentOrder(a.shape, a.order, rows) ? a : reordered(a, rows);
    const { y } = apply(matmulOperation, { a: inRows, b }, options);
    if (inRows !== a) inRows.dispose(); // the graph holds on to what it needs
    return y;
  }
  return apply(matmulOperation, { a, b }, options).y;
}

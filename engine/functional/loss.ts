// Losses.
import {
  type CrossEntropyOptions,
  crossEntropy as crossEntropyOperation,
} from '../../kernels/crossEntropy/crossEntropy.ts';
import { applyForY } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

export interface CrossEntropyArguments extends CrossEntropyOptions {
  /** Weight of each class, `[classes]`; not differentiated. Default: 1 each. */
  weight?: Tensor | undefined;
}

/**
 * Cross entropy between softmax(logits) and integer labels, in natural units (nats). Stable at logits of ±1e4.
 * @param logits `[n, classes]`
 * @param labels `[n]`, uint32, each below `classes`; another makes its row's loss (so the mean, and their gradients)
 *   NaN, since a GPU cannot throw
 * @param options `weight` (none), `labelSmoothing` (0: the share of the target spread over all classes), `reduction`
 *   (`mean` over rows weighted by their label's weight; `sum`; `none`), `ignoreIndex` (none: rows with this label
 *   count for nothing; PyTorch's default is -100)
 * @returns a scalar `[]`, or `[n]` with reduction `none`. The mean is NaN when every row is ignored, as in PyTorch
 * @throws ShapeError when shapes disagree, labels are not uint32, or labelSmoothing lies outside 0 … 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  { weight, labelSmoothing = 0, reduction = 'mean', ignoreIndex }: CrossEntropyArguments = {},
): Tensor {
  return applyForY(crossEntropyOperation, { logits, labels, weight }, { labelSmoothing, reduction, ignoreIndex });
}

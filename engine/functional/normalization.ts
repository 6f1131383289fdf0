// Normalisation of images [n, c, h, w].
import { batchNorm2d as batchNorm2dOperation } from '../../kernels/batchNorm2d/batchNorm2d.ts';
import {
  type LocalResponseNormOptions,
  localResponseNorm as localResponseNormOperation,
} from '../../kernels/localResponseNorm/localResponseNorm.ts';
import { applyForY } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

export interface BatchNorm2dInputs {
  /** Scale per channel, `[c]`. Default: none, that is 1. */
  weight?: Tensor | undefined;
  /** Shift per channel, `[c]`. Default: none, that is 0. */
  bias?: Tensor | undefined;
  /** `[c]`; written in place in training, needed otherwise. */
  runningMean?: Tensor | undefined;
  /** `[c]`, unbiased; written in place in training, needed otherwise. */
  runningVar?: Tensor | undefined;
  /** Normalises by the batch's own mean and biased variance; otherwise by the running ones. Default false. */
  training?: boolean;
  /** Share of the batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Added to the result, in x's shape, as at the end of a residual block. Default: none. */
  residual?: Tensor | undefined;
  /** Rectifies the result, after the residual was added. Default false. */
  relu?: boolean;
}

/**
 * `(x - mean) / sqrt(variance + eps) * weight + bias` per channel, then `+ residual`, then `relu`: the last two cost no
 * pass over memory of their own. Right for means far above the deviation, too: the
 * mean is kept in two parts.
 * @param x `[n, c, h, w]`
 * @returns the shape of x
 * @throws ShapeError when shapes disagree, running statistics are missing, or training sees one value per channel
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html and https://arxiv.org/abs/1502.03167
 */
export function batchNorm2d(
  x: Tensor,
  {
    weight,
    bias,
    runningMean,
    runningVar,
    training = false,
    momentum = 0.1,
    eps = 1e-5,
    residual,
    relu = false,
  }: BatchNorm2dInputs = {},
): Tensor {
  const inputs = { x, weight, bias, runningMean, runningVar, residual };
  return applyForY(batchNorm2dOperation, inputs, { training, momentum, eps, relu });
}

/**
 * `x / (k + alpha / size * (sum of x^2 over size neighbouring channels))^beta`, zeros beyond the first and last channel.
 * @param x `[n, c, h, w]`
 * @param size channels in a window: `floor(size / 2)` before its own and the rest after it
 * @param options `alpha` (default 1e-4), `beta` (0.75), `k` (1)
 * @returns the shape of x
 * @throws ShapeError when x is no image batch or `size` is not a positive integer
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 */
export function localResponseNorm(
  x: Tensor,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 }: Omit<LocalResponseNormOptions, 'size'> = {},
): Tensor {
  return applyForY(localResponseNormOperation, { x }, { size, alpha, beta, k });
}

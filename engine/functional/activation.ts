// Activations: elementwise functions of one tensor. The softmax pair is written with the reductions.
import { type GeluOptions, gelu as geluOperation } from '../../kernels/gelu/gelu.ts';
import { type LeakyReluOptions, leakyRelu as leakyReluOperation } from '../../kernels/leakyRelu/leakyRelu.ts';
import { relu as reluOperation } from '../../kernels/relu/relu.ts';
import { sigmoid as sigmoidOperation } from '../../kernels/sigmoid/sigmoid.ts';
import { silu as siluOperation } from '../../kernels/silu/silu.ts';
import { tanh as tanhOperation } from '../../kernels/tanh/tanh.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

export { logSoftmax, softmax } from './reduction.ts';

/**
 * `max(x, 0)`, the gradient at zero being zero.
 * @param x any shape, as for all activations here; the result has the same
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 */
export function relu(x: Tensor): Tensor {
  return apply(reluOperation, { x }, {}).y;
}

/**
 * `x` above zero, `negativeSlope * x` elsewhere; the gradient at zero is the slope.
 * @param options `negativeSlope` (0.01)
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 */
export function leakyRelu(x: Tensor, { negativeSlope = 0.01 }: LeakyReluOptions = {}): Tensor {
  return apply(leakyReluOperation, { x }, { negativeSlope }).y;
}

/**
 * `1 / (1 + exp(-x))`, stable for any x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html
 */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOperation, { x }, {}).y;
}

/**
 * The hyperbolic tangent, stable for any x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html
 */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOperation, { x }, {}).y;
}

/**
 * `x * P(X <= x)` of the standard normal distribution.
 * @param options `approximate`: `'none'` (default; exact to float32) or `'tanh'`
 * @throws ShapeError for another approximation
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 */
export function gelu(x: Tensor, { approximate = 'none' }: GeluOptions = {}): Tensor {
  return apply(geluOperation, { x }, { approximate }).y;
}

/**
 * The sigmoid linear unit `x * sigmoid(x)`, also called swish.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 *
 * @param x any shape
 */
export function silu(x: Tensor): Tensor {
  return apply(siluOperation, { x }, {}).y;
}

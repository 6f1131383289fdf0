// Convolution.
import { type Conv2dOptions, conv2d as operation } from '../../kernels/conv2d/conv2d.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/**
 * 2-D convolution (cross-correlation) of images.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 *
 * @param x images `[n, c, h, w]`
 * @param weight `[out, c / groups, kh, kw]`
 * @param bias `[out]`
 * @param options `stride` 1, `padding` 0, `dilation` 1 (a number or `[height, width]`), `groups` 1, and `relu`: whether
 *   `max(y, 0)` is what is stored, without a pass of its own (false)
 * @returns `[n, out, oh, ow]` with `oh = floor((h + 2 padding - dilation (kh - 1) - 1) / stride) + 1`
 * @throws ShapeError
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv2dOptions = {}): Tensor {
  return apply(operation, { x, weight, bias }, options).y;
}

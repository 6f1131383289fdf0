// Pooling over images [n, c, h, w].
import {
  adaptiveAvgPool2d as adaptiveAvgPool2dOperation,
  type OutputSize,
} from '../../kernels/adaptiveAvgPool2d/adaptiveAvgPool2d.ts';
import { type AvgPool2dOptions, avgPool2d as avgPool2dOperation } from '../../kernels/avgPool2d/avgPool2d.ts';
import { type MaxPool2dOptions, maxPool2d as maxPool2dOperation } from '../../kernels/maxPool2d/maxPool2d.ts';
import type { Pair } from '../../kernels/window.ts';
import { apply, applyForY } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The largest value of each window; ties go to the first. Padding never wins.
 * @param x `[n, c, h, w]`
 * @param kernelSize one extent, or `[height, width]`, like every option
 * @param options `stride` (default: the kernel size), `padding` (0, at most half the kernel), `dilation` (1),
 *   `ceilMode` (false; true keeps a last, partial window)
 * @returns `[n, c, floor((h + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1, …]`; ceil with `ceilMode`
 * @throws ShapeError when x is no image batch, an option is out of range, or the window does not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 */
export function maxPool2d(
  x: Tensor,
  kernelSize: Pair,
  { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: Omit<MaxPool2dOptions, 'kernelSize'> = {},
): Tensor {
  return applyForY(maxPool2dOperation, { x }, { kernelSize, stride, padding, dilation, ceilMode });
}

/**
 * The mean of each window.
 * @param x `[n, c, h, w]`
 * @param kernelSize one extent, or `[height, width]`, like stride and padding
 * @param options `stride` (default: the kernel size), `padding` (zeros; 0, at most half the kernel), `ceilMode` (false;
 *   true keeps a last, partial window), `countIncludePad` (true: padding counts in the divisor), `divisorOverride`
 *   (divides by this integer instead)
 * @returns `[n, c, floor((h + 2 * padding - kernel) / stride) + 1, …]`; ceil with `ceilMode`
 * @throws ShapeError when x is no image batch, an option is out of range, or the window does not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 */
export function avgPool2d(
  x: Tensor,
  kernelSize: Pair,
  {
    stride = kernelSize,
    padding = 0,
    ceilMode = false,
    countIncludePad = true,
    divisorOverride,
  }: Omit<AvgPool2dOptions, 'kernelSize'> = {},
): Tensor {
  const options = { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride };
  return apply(avgPool2dOperation, { x }, options).y;
}

/**
 * The mean of each of `outputSize` cells: cell i of m over size s covers `[floor(i * s / m), ceil((i + 1) * s / m))`.
 * @param x `[n, c, h, w]`
 * @param outputSize one extent, or `[height, width]`, smaller or larger than the input's; null keeps the input's
 * @returns `[n, c, outHeight, outWidth]`
 * @throws ShapeError when x is no image batch or an extent is not a positive integer
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  return apply(adaptiveAvgPool2dOperation, { x }, { outputSize }).y;
}

// Window options that convolution and pooling share: one number or [height, width], and PyTorch's output-size rules.
import { ShapeError } from './errors.ts';

/** One number for both directions, or `[height, width]`. */
export type Pair = number | readonly [height: number, width: number];

export interface Window {
  kernelHeight: number;
  kernelWidth: number;
  strideHeight: number;
  strideWidth: number;
  paddingHeight: number;
  paddingWidth: number;
  dilationHeight: number;
  dilationWidth: number;
}

export function pair(value: Pair): [height: number, width: number] {
  return typeof value === 'number' ? [value, value] : [value[0], value[1]];
}

/**
 * The window in the flat names that WGSL's Params use.
 * @throws ShapeError when a size, stride or dilation is not a positive integer, or a padding is negative
 */
export function windowOf(
  where: string,
  kernel: Pair,
  { stride, padding, dilation }: { stride: Pair; padding: Pair; dilation: Pair },
): Window {
  const [kernelHeight, kernelWidth] = checked(where, 'kernelSize', kernel, 1);
  const [strideHeight, strideWidth] = checked(where, 'stride', stride, 1);
  const [paddingHeight, paddingWidth] = checked(where, 'padding', padding, 0);
  const [dilationHeight, dilationWidth] = checked(where, 'dilation', dilation, 1);
  return {
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    paddingHeight,
    paddingWidth,
    dilationHeight,
    dilationWidth,
  };
}

/**
 * Output extent of a window sliding over `size` elements. With `ceilMode` a last, partial window counts, but only if
 * it starts inside the input or its left padding: PyTorch's rule.
 */
function outputExtent(
  size: number,
  {
    kernel,
    stride,
    padding,
    dilation,
    ceilMode = false,
  }: { kernel: number; stride: number; padding: number; dilation: number; ceilMode?: boolean },
): number {
  const span = size + 2 * padding - dilation * (kernel - 1) - 1;
  if (!ceilMode) return Math.floor(span / stride) + 1;
  const extent = Math.ceil(span / stride) + 1;
  return (extent - 1) * stride >= size + padding ? extent - 1 : extent;
}

/** Both output extents. @throws ShapeError when the window does not fit into the padded input. */
export function outputSize(
  where: string,
  height: number,
  width: number,
  window: Window,
  ceilMode = false,
): { outHeight: number; outWidth: number } {
  const outHeight = outputExtent(height, {
    kernel: window.kernelHeight,
    stride: window.strideHeight,
    padding: window.paddingHeight,
    dilation: window.dilationHeight,
    ceilMode,
  });
  const outWidth = outputExtent(width, {
    kernel: window.kernelWidth,
    stride: window.strideWidth,
    padding: window.paddingWidth,
    dilation: window.dilationWidth,
    ceilMode,
  });
  if (outHeight < 1 || outWidth < 1) {
    throw new ShapeError(
      `${where}: a ${window.kernelHeight}x${window.kernelWidth} window with dilation ${window.dilationHeight}x${window.dilationWidth} ` +
        `does not fit into ${height}x${width} padded by ${window.paddingHeight}x${window.paddingWidth}`,
    );
  }
  return { outHeight, outWidth };
}

function checked(where: string, name: string, value: Pair, least: number): [number, number] {
  const both = pair(value);
  if (both.some((v) => !Number.isInteger(v) || v < least)) {
    throw new ShapeError(
      `${where}: ${name} must be ${least ? 'a positive integer' : 'an integer of at least 0'} or a [height, width] pair of them, given ${JSON.stringify(value)}`,
    );
  }
  return both;
}

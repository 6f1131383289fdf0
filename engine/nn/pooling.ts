// Pooling layers: the functions of engine/functional/pooling.ts with their options fixed.
import type { OutputSize } from '../../kernels/adaptiveAvgPool2d/adaptiveAvgPool2d.ts';
import type { Pair } from '../../kernels/window.ts';
import { adaptiveAvgPool2d, avgPool2d, maxPool2d } from '../functional/pooling.ts';
import type { Tensor } from '../tensor.ts';
import { Module } from './module.ts';
import { pythonBool, pythonPair } from './pythonText.ts';

export interface MaxPool2dLayerOptions {
  /** Default: the kernel size. */
  stride?: Pair;
  /** Default 0. */
  padding?: Pair;
  /** Default 1. */
  dilation?: Pair;
  /** Counts a last, partial window. Default false. */
  ceilMode?: boolean;
}

/** Largest value of each window of `[n, c, h, w]`. https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: Required<MaxPool2dLayerOptions>;

  constructor(
    kernelSize: Pair,
    { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: MaxPool2dLayerOptions = {},
  ) {
    super();
    this.kernelSize = kernelSize;
    this.options = { stride, padding, dilation, ceilMode };
  }

  protected override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    const { stride, padding, dilation, ceilMode } = this.options;
    return [
      `kernel_size=${pythonPair(this.kernelSize)}, stride=${pythonPair(stride)}, padding=${pythonPair(padding)}`,
      `dilation=${pythonPair(dilation)}, ceil_mode=${pythonBool(ceilMode)}`,
    ].join(', ');
  }
}

export interface AvgPool2dLayerOptions {
  /** Default: the kernel size. */
  stride?: Pair;
  /** Default 0. */
  padding?: Pair;
  /** Counts a last, partial window. Default false. */
  ceilMode?: boolean;
  /** Whether padding zeros count in the divisor. Default true. */
  countIncludePad?: boolean;
  /** Divides by this instead of the window's size. */
  divisorOverride?: number;
}

/** Mean of each window of `[n, c, h, w]`. https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html */
export class AvgPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: AvgPool2dLayerOptions & { stride: Pair; padding: Pair };

  constructor(kernelSize: Pair, { stride = kernelSize, padding = 0, ...rest }: AvgPool2dLayerOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.options = { stride, padding, ...rest };
  }

  protected override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    const { stride, padding } = this.options;
    return `kernel_size=${pythonPair(this.kernelSize)}, stride=${pythonPair(stride)}, padding=${pythonPair(padding)}`;
  }
}

/**
 * Means of `[n, c, h, w]` over windows that cover it with an output of the given size, whatever the input's.
 * https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    this.outputSize = outputSize;
  }

  protected override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  override extraRepr(): string {
    return `output_size=${pythonPair(this.outputSize)}`;
  }
}

// The inception block of GoogLeNet: four branches side by side.
import { cat } from '../engine/functional/shape.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d, type Conv2dOptions } from '../engine/nn/conv2d.ts';
import { Module } from '../engine/nn/module.ts';
import { normRelu } from '../engine/nn/normRelu.ts';
import { MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Pair } from '../kernels/window.ts';

/** Channels of the 1x1 convolution that reduces, and of the one behind it: "#3x3 reduce" and "#3x3" of the paper. */
export type Reduced = readonly [reduce: number, out: number];

export interface InceptionOptions {
  /**
   * Side of the third branch's kernel. Default 3: torchvision has 3x3 where the paper has 5x5 (vision issue #906), and
   * keeps it so that its weights load.
   */
  thirdKernel?: 3 | 5;
}

/**
 * `[n, inChannels, h, w]` to the branches' outputs one after another, `[n, ch1x1 + ch3x3 + ch5x5 + poolProjection, h, w]`:
 * 1x1; 1x1 and 3x3; 1x1 and 5x5; 3x3 max pool and 1x1. Szegedy et al. 2015, https://arxiv.org/abs/1409.4842. The
 * numbers come in the order of a row of its table 1:
 *
 *     new Inception(192, 64, [96, 128], [16, 32], 32)  // inception 3a: 64 + 128 + 32 + 32 = 256 channels
 */
export class Inception extends Module {
  readonly branch1: BasicConv2d;
  readonly branch2: Sequential;
  readonly branch3: Sequential;
  readonly branch4: Sequential;

  constructor(
    inChannels: number,
    ch1x1: number,
    [reduce3x3, ch3x3]: Reduced,
    [reduce5x5, ch5x5]: Reduced,
    poolProjection: number,
    { thirdKernel = 3 }: InceptionOptions = {},
  ) {
    super();
    this.branch1 = new BasicConv2d(inChannels, ch1x1, 1);
    this.branch2 = new Sequential(
      new BasicConv2d(inChannels, reduce3x3, 1),
      new BasicConv2d(reduce3x3, ch3x3, 3, { padding: 1 }),
    );
    this.branch3 = new Sequential(
      new BasicConv2d(inChannels, reduce5x5, 1),
      new BasicConv2d(reduce5x5, ch5x5, thirdKernel, { padding: (thirdKernel - 1) / 2 }),
    );
    this.branch4 = new Sequential(
      new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(inChannels, poolProjection, 1),
    );
  }

  protected override forward(x: Tensor): Tensor {
    return cat([this.branch1.call(x), this.branch2.call(x), this.branch3.call(x), this.branch4.call(x)], 1);
  }
}

/** Convolution without bias, batch norm with eps 0.001, ReLU. */
export class BasicConv2d extends Module {
  /** Assigned anew by `widenThirdBranch`. */
  conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Omit<Conv2dOptions, 'bias'> = {}) {
    super();
    this.conv = new Conv2d(inChannels, outChannels, kernelSize, { ...options, bias: false });
    this.bn = new BatchNorm2d(outChannels, { eps: 0.001 });
  }

  protected override forward(x: Tensor): Tensor {
    return normRelu(this.bn, this.conv.call(x));
  }
}

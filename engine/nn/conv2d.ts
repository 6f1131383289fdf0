// 2-D convolution with learned weights.
import { ShapeError } from '../../kernels/errors.ts';
import { type Pair, pair } from '../../kernels/window.ts';
import { conv2d } from '../functional/conv.ts';
import type { Tensor } from '../tensor.ts';
import { fans, kaimingUniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { pythonPair } from './pythonText.ts';

export interface Conv2dOptions {
  /** Default 1. */
  stride?: Pair;
  /** Zeros around the image. Default 0. */
  padding?: Pair;
  /** Distance between taps. Default 1. */
  dilation?: Pair;
  /** Splits channels into groups that do not see each other; inChannels makes it depthwise. Default 1. */
  groups?: number;
  /** Default true. */
  bias?: boolean;
}

/**
 * Cross-correlation: `[n, inChannels, h, w]` to `[n, outChannels, oh, ow]`, with
 * `oh = floor((h + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1`.
 * Weights are `[outChannels, inChannels / groups, kh, kw]`; they and the bias start uniform in ±1 / sqrt(fanIn).
 * https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 * @throws ShapeError when groups do not divide both channel counts
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true }: Conv2dOptions = {},
  ) {
    super();
    if (inChannels % groups || outChannels % groups) {
      throw new ShapeError(
        `Conv2d: ${groups} groups must divide ${inChannels} input and ${outChannels} output channels`,
      );
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
    const weight = new Parameter([outChannels, inChannels / groups, ...pair(kernelSize)], { layout: 'convWeight' });
    this.weight = kaimingUniform(weight, { a: Math.sqrt(5) });
    this.bias = bias ? biasFor(weight) : null;
  }

  protected override forward(x: Tensor): Tensor {
    return this.convolve(x);
  }

  /** Forward, rectified at once if wanted. */
  convolve(x: Tensor, { relu = false }: { relu?: boolean } = {}): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    return conv2d(x, weight, bias ?? undefined, { stride, padding, dilation, groups, relu });
  }

  override extraRepr(): string {
    const both = (value: Pair) => pythonPair(pair(value));
    const differs = (value: Pair, usual: number) => pair(value).some((side) => side !== usual);
    return [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${both(this.kernelSize)}, stride=${both(this.stride)}`,
      ...(differs(this.padding, 0) ? [`padding=${both(this.padding)}`] : []),
      ...(differs(this.dilation, 1) ? [`dilation=${both(this.dilation)}`] : []),
      ...(this.groups === 1 ? [] : [`groups=${this.groups}`]),
      ...(this.bias ? [] : ['bias=False']),
    ].join(', ');
  }
}

/** PyTorch's default bias: uniform in ±1 / sqrt(fanIn) of the weight it goes with. */
export function biasFor({ shape }: Parameter): Parameter {
  const bound = 1 / Math.sqrt(fans(shape).fanIn);
  return new Parameter([shape[0]], { initialiser: { kind: 'uniform', low: -bound, high: bound } });
}

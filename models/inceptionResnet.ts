// A small residual network of inception blocks for 32x32 images: our answer to exercise 4 of the chapter.
import { flatten } from '../engine/functional/shape.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { kaimingNormal } from '../engine/nn/init.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { normRelu } from '../engine/nn/normRelu.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import type { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper } from './entry.ts';
import { BasicConv2d, Inception } from './inception.ts';
import { pickOptions } from './pickOptions.ts';
import { projection } from './resnet.ts';

export interface InceptionResNetOptions {
  /** Default 10. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
}

/** Nothing in it refuses a single pixel. */
const SIZES = { minSize: 1 };

/**
 * `[n, 3, h, w]`, any size, to logits `[n, numClasses]`. What was simplified for CIFAR-10, and why:
 *
 * - ResNet's stem divides the image by 4 before the first block, which leaves 8x8 of 32x32; here it is one 3x3
 *   convolution and a pool, and the stages work at 16x16, 8x8 and 4x4.
 * - The residual function of a block is an inception block with true 5x5 kernels and the proportions of GoogLeNet's 3a,
 *   then a 1x1 convolution without ReLU, which lets the sum go down as well as up (Inception-ResNet's filter expansion).
 * - Channels double where the image's sides halve, so each stage costs the same. The halving is a max pool between the
 *   stages, as in GoogLeNet: no branch is computed for pixels that a stride would throw away.
 * - Global average pooling and one linear layer end it; no dropout, since batch norm follows every convolution.
 *
 * 11 layers deep, small enough to be trained from scratch on a processor. The idea: Szegedy, Ioffe, Vanhoucke and Alemi
 * 2016, https://arxiv.org/abs/1602.07261.
 */
export class InceptionResNet extends Module {
  readonly stem: BasicConv2d;
  readonly pool1 = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly block1 = new ResidualInception(32, 48);
  readonly pool2 = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly block2 = new ResidualInception(48, 96);
  readonly pool3 = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly block3 = new ResidualInception(96, 192);
  readonly avgpool = new AdaptiveAvgPool2d([1, 1]);
  readonly fc: Linear;

  constructor({ numClasses = 10, inChannels = 3 }: InceptionResNetOptions = {}) {
    super();
    this.stem = new BasicConv2d(inChannels, 32, 3, { padding: 1 });
    this.fc = new Linear(192, numClasses);
    this.apply((module) => {
      if (module instanceof Conv2d) kaimingNormal(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    });
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('InceptionResNet', x, this.stem.conv, SIZES);
    let y = this.block1.call(this.pool1.call(this.stem.call(x))); // [n, 48, 16, 16]
    y = this.block2.call(this.pool2.call(y)); // [n, 96, 8, 8]
    y = this.block3.call(this.pool3.call(y)); // [n, 192, 4, 4]
    y = flatten(this.avgpool.call(y), 1); // [n, 192]
    return this.fc.call(y); // [n, numClasses]
  }
}

/** `relu(expansion(inception(x)) + shortcut(x))`: `[n, inChannels, h, w]` to `[n, outChannels, h, w]`. */
export class ResidualInception extends Module {
  readonly inception: Inception;
  readonly expansion: Conv2d;
  readonly bn: BatchNorm2d;
  readonly shortcut: Sequential | null;

  /** @param outChannels a multiple of 16 */
  constructor(inChannels: number, outChannels: number) {
    super();
    const share = (sixteenths: number) => (outChannels * sixteenths) / 16;
    // of inception 3a's 256 channels: 64, 96 to 128, 16 to 32, and 32
    this.inception = new Inception(inChannels, share(4), [share(6), share(8)], [share(1), share(2)], share(2), {
      thirdKernel: 5,
    });
    this.expansion = new Conv2d(outChannels, outChannels, 1, { bias: false });
    this.bn = new BatchNorm2d(outChannels);
    this.shortcut = projection(inChannels, outChannels, 1);
  }

  protected override forward(x: Tensor): Tensor {
    const y = this.expansion.call(this.inception.call(x));
    return normRelu(this.bn, y, { residual: () => this.shortcut?.call(x) ?? x });
  }
}

/** Where the idea is from; the network is ours, and nobody has published its accuracy. */
const PAPER: Paper = {
  title: 'Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning',
  authors: 'Christian Szegedy, Sergey Ioffe, Vincent Vanhoucke, Alex Alemi',
  year: 2016,
  url: 'https://arxiv.org/abs/1602.07261',
};

export const INCEPTION_RESNET_ENTRIES: readonly ModelEntry[] = [
  {
    name: 'inception_resnet_small',
    family: 'InceptionResNet',
    paper: PAPER,
    head: 'fc',
    inputShape: [3, 32, 32],
    ...SIZES,
    numClasses: 10,
    weights: [],
    create: (options = {}) =>
      new InceptionResNet(pickOptions('inception_resnet_small', options, ['numClasses', 'inChannels'])),
  },
];

// MobileNet (version 1) of any width.
import { IMAGENET_PREPROCESSING } from '../datasets/images/preprocessing.ts';
import { flatten } from '../engine/functional/shape.ts';
import { LeakyReLU, ReLU } from '../engine/nn/activations.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { kaimingNormal, normal, zeros } from '../engine/nn/init.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { AdaptiveAvgPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper, WeightsEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';

export interface MobileNetV1Options {
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /** Factor of all channel counts, none of which falls below 8. Default 1. */
  widthMultiplier?: number;
  /** Of the rectifiers below zero. Default 0, the paper's ReLU. */
  negativeSlope?: number;
}

/** Every layer pads, so nothing refuses a single pixel. */
const SIZES = { minSize: 1 };

/**
 * `[n, 3, h, w]`, any size, to logits `[n, numClasses]`; 4,231,976 parameters, 470,072 at a quarter of the width.
 * Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017,
 * https://arxiv.org/abs/1704.04861, table 1. Three stages by resolution, as weights trained elsewhere name them
 * (`stage1.0.0.weight`); initialised as torchvision's MobileNetV2, since the paper does not say.
 */
export class MobileNetV1 extends Module {
  readonly stage1: Sequential;
  readonly stage2: Sequential;
  readonly stage3: Sequential;
  readonly avg = new AdaptiveAvgPool2d([1, 1]);
  readonly fc: Linear;

  constructor({ numClasses = 1000, inChannels = 3, widthMultiplier = 1, negativeSlope = 0 }: MobileNetV1Options = {}) {
    super();
    const width = (channels: number) => Math.max(8, Math.floor(channels * widthMultiplier));
    const separable = (from: number, to: number, stride = 1) =>
      depthwiseSeparable(width(from), width(to), { stride, negativeSlope });
    this.stage1 = new Sequential(
      new Sequential(
        new Conv2d(inChannels, width(32), 3, { stride: 2, padding: 1, bias: false }),
        new BatchNorm2d(width(32)),
        rectifier(negativeSlope),
      ), // [n, 32, 112, 112]
      separable(32, 64),
      separable(64, 128, 2), // [n, 128, 56, 56]
      separable(128, 128),
      separable(128, 256, 2), // [n, 256, 28, 28]
      separable(256, 256),
    );
    this.stage2 = new Sequential(
      separable(256, 512, 2), // [n, 512, 14, 14]
      ...Array.from({ length: 5 }, () => separable(512, 512)),
    );
    this.stage3 = new Sequential(
      separable(512, 1024, 2), // [n, 1024, 7, 7]
      separable(1024, 1024),
    );
    this.fc = new Linear(width(1024), numClasses);
    this.apply((module) => {
      if (module instanceof Conv2d) kaimingNormal(module.weight, { mode: 'fan_out' });
    });
    normal(this.fc.weight, { std: 0.01 });
    if (this.fc.bias) zeros(this.fc.bias);
  }

  // channels at full width, sizes for 224x224
  protected override forward(x: Tensor): Tensor {
    checkImage('MobileNetV1', x, (this.stage1[0] as Sequential)[0], SIZES);
    let y = this.stage1.call(x); // [n, 256, 28, 28]
    y = this.stage2.call(y); // [n, 512, 14, 14]
    y = this.stage3.call(y); // [n, 1024, 7, 7]
    return this.fc.call(flatten(this.avg.call(y), 1)); // [n, numClasses]
  }
}

/**
 * A 3x3 convolution of each channel alone, then 1x1 across channels, both with batch norm and rectifier:
 * `[n, inChannels, h, w]` to `[n, outChannels, h / stride, w / stride]`, halves rounded up.
 */
export function depthwiseSeparable(
  inChannels: number,
  outChannels: number,
  { stride = 1, negativeSlope = 0 }: { stride?: number; negativeSlope?: number } = {},
): Sequential {
  return new Sequential(
    new Conv2d(inChannels, inChannels, 3, { stride, padding: 1, groups: inChannels, bias: false }),
    new BatchNorm2d(inChannels),
    rectifier(negativeSlope),
    new Conv2d(inChannels, outChannels, 1, { bias: false }),
    new BatchNorm2d(outChannels),
    rectifier(negativeSlope),
  );
}

function rectifier(negativeSlope: number): Module {
  return negativeSlope ? new LeakyReLU(negativeSlope) : new ReLU({ inplace: true });
}

const PAPER: Paper = {
  title: 'MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications',
  authors:
    'Andrew G. Howard, Menglong Zhu, Bo Chen, Dmitry Kalenichenko, Weijun Wang, Tobias Weyand, Marco Andreetto, Hartwig Adam',
  year: 2017,
  url: 'https://arxiv.org/abs/1704.04861',
};

/** The accuracy is its own `best_acc1`. */
const QUARTER_WEIGHTS: WeightsEntry = {
  file: 'mobilenetV1X0.25_pretrain.tar',
  sha256: '75c37f8d438b7c6aed2e6b310fd0540c40dabf0dd820770bd7082668dfd7c1c1',
  url: 'https://github.com/m2man/Pytorch_Retinaface/raw/aa00934b860abc93fcdbc3bccfa0fd4260c2fd2c/weights/mobilenetV1X0.25_pretrain.tar',
  classes: 'imagenet',
  preprocessing: IMAGENET_PREPROCESSING,
  accuracy: { dataset: 'ImageNet', top1: 46.58 },
};

/** Accuracies without weights are of the paper's table 6. */
export const MOBILENET_V1_ENTRIES: readonly ModelEntry[] = [
  entry('mobilenet_v1', 1, 70.6),
  entry('mobilenet_v1_075', 0.75, 68.4),
  entry('mobilenet_v1_050', 0.5, 63.7),
  // trained with leaky rectifiers, and without them worth nothing
  entry('mobilenet_v1_025', 0.25, 46.58, { weights: [QUARTER_WEIGHTS], negativeSlope: 0.1 }),
];

function entry(
  name: string,
  widthMultiplier: number,
  top1: number,
  { weights = [], negativeSlope = 0 }: { weights?: readonly WeightsEntry[]; negativeSlope?: number } = {},
): ModelEntry {
  return {
    name,
    family: 'MobileNetV1',
    paper: PAPER,
    head: 'fc',
    inputShape: [3, 224, 224],
    ...SIZES,
    numClasses: 1000,
    accuracy: { dataset: 'ImageNet', top1 },
    weights,
    create: (options = {}) =>
      new MobileNetV1({
        widthMultiplier,
        negativeSlope,
        ...pickOptions(name, options, ['numClasses', 'inChannels', 'widthMultiplier']),
      }),
  };
}

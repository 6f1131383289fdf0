// ResNet-20, 32, 44, 56 and 110 for the 32x32 images of CIFAR-10.
import { IMAGENET_PREPROCESSING } from '../datasets/images/preprocessing.ts';
import { adaptiveAvgPool2d, avgPool2d } from '../engine/functional/pooling.ts';
import { flatten, pad } from '../engine/functional/shape.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Identity } from '../engine/nn/identity.ts';
import { kaimingNormal } from '../engine/nn/init.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { normRelu } from '../engine/nn/normRelu.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, WeightsEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';
import { RESNET_PAPER } from './resnet.ts';

export interface ResNetCifarOptions {
  /** Default 10. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
}

/** Every layer pads, so nothing refuses a single pixel. */
const SIZES = { minSize: 1 };

/**
 * `[n, 3, h, w]`, any size, to logits `[n, numClasses]`: section 4.2 of He, Zhang, Ren and Sun, "Deep residual learning
 * for image recognition", CVPR 2016, https://arxiv.org/abs/1512.03385. Its shortcuts have no weights (option A). Names
 * and first values as https://github.com/akamaster/pytorch_resnet_cifar10, so that its weights load.
 */
export class ResNetCifar extends Module {
  readonly conv1: Conv2d;
  readonly bn1 = new BatchNorm2d(16);
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly linear: Linear;

  /**
   * @param depth layers with weights: 6 · blocks of a stage + 2
   * @throws ShapeError for another depth
   */
  constructor(depth: number, { numClasses = 10, inChannels = 3 }: ResNetCifarOptions = {}) {
    super();
    const count = (depth - 2) / 6;
    if (!Number.isInteger(count) || count < 1) {
      throw new ShapeError(`ResNetCifar: depth must be 6n + 2 (8, 14, 20, …), given ${depth}`);
    }
    const stage = (inPlanes: number, planes: number, stride: number) =>
      new Sequential(
        new OptionABlock(inPlanes, planes, stride),
        ...Array.from({ length: count - 1 }, () => new OptionABlock(planes, planes)),
      );
    this.conv1 = new Conv2d(inChannels, 16, 3, { padding: 1, bias: false });
    this.layer1 = stage(16, 16, 1);
    this.layer2 = stage(16, 32, 2);
    this.layer3 = stage(32, 64, 2);
    this.linear = new Linear(64, numClasses);
    this.apply((module) => {
      if (module instanceof Conv2d || module instanceof Linear) kaimingNormal(module.weight);
    });
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('ResNetCifar', x, this.conv1, SIZES);
    let y = normRelu(this.bn1, this.conv1.call(x)); // [n, 16, 32, 32]
    y = this.layer1.call(y); // [n, 16, 32, 32]
    y = this.layer2.call(y); // [n, 32, 16, 16]
    y = this.layer3.call(y); // [n, 64, 8, 8]
    y = flatten(adaptiveAvgPool2d(y, 1), 1); // [n, 64]
    return this.linear.call(y); // [n, numClasses]
  }
}

/** Two 3x3 convolutions and a shortcut without weights: `[n, inPlanes, h, w]` to `[n, planes, h / stride, w / stride]`. */
export class OptionABlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly shortcut: Module;

  constructor(inPlanes: number, planes: number, stride = 1) {
    super();
    this.conv1 = new Conv2d(inPlanes, planes, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(planes);
    this.conv2 = new Conv2d(planes, planes, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(planes);
    const fits = stride === 1 && inPlanes === planes;
    this.shortcut = fits ? new Identity() : new OptionAShortcut(planes - inPlanes, stride);
  }

  protected override forward(x: Tensor): Tensor {
    const y = normRelu(this.bn1, this.conv1.call(x));
    return normRelu(this.bn2, this.conv2.call(y), { residual: () => this.shortcut.call(x) });
  }
}

/** Every `stride`-th pixel in both directions, and `newPlanes` planes of zeros, half of them on each side. */
export class OptionAShortcut extends Module {
  readonly newPlanes: number;
  readonly stride: number;

  constructor(newPlanes: number, stride: number) {
    super();
    this.newPlanes = newPlanes;
    this.stride = stride;
  }

  protected override forward(x: Tensor): Tensor {
    const picked = avgPool2d(x, 1, { stride: this.stride }); // the mean of one value is that value, exactly
    return pad(picked, [0, 0, 0, 0, this.newPlanes / 2, this.newPlanes / 2]);
  }

  override extraRepr(): string {
    return `new_planes=${this.newPlanes}, stride=${this.stride}`;
  }
}

const REPOSITORY =
  'https://raw.githubusercontent.com/akamaster/pytorch_resnet_cifar10/d5489e8995e81e91ce6b1d69dcc98ad579b0b153';

/** Accuracies as published at https://github.com/akamaster/pytorch_resnet_cifar10, a little above the paper's. */
export const RESNET_CIFAR_ENTRIES: readonly ModelEntry[] = [
  entry(20, 91.73, ['resnet20-12fca82f']),
  entry(32, 92.63, ['resnet32-d509ac18']),
  entry(44, 93.1, ['resnet44-014dd654']),
  entry(56, 93.39, ['resnet56-4bfd9763']),
  entry(110, 93.68, []),
];

function entry(depth: number, top1: number, stems: readonly string[]): ModelEntry {
  const name = `resnet${depth}`;
  const accuracy = { dataset: 'CIFAR-10', top1 } as const;
  return {
    name,
    family: 'ResNetCifar',
    paper: RESNET_PAPER,
    head: 'linear',
    inputShape: [3, 32, 32],
    ...SIZES,
    numClasses: 10,
    accuracy,
    weights: stems.map(
      (stem): WeightsEntry => ({
        file: `${stem}.th`,
        sha256: stem.slice(-8),
        url: `${REPOSITORY}/pretrained_models/${stem}.th`,
        classes: 'cifar10',
        // trained with ImageNet's mean and deviation, on the images as they are
        preprocessing: { mean: IMAGENET_PREPROCESSING.mean, std: IMAGENET_PREPROCESSING.std },
        accuracy,
      }),
    ),
    create: (options = {}) => new ResNetCifar(depth, pickOptions(name, options, ['numClasses', 'inChannels'])),
  };
}

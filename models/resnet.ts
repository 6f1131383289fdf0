// ResNet-18, 34, 50, 101 and 152 for ImageNet, with torchvision's names and keys.
import { flatten } from '../engine/functional/shape.ts';
import { ReLU } from '../engine/nn/activations.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { kaimingNormal, zeros } from '../engine/nn/init.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { normRelu } from '../engine/nn/normRelu.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper, WeightsEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';
import { torchvisionWeights } from './torchvisionWeights.ts';

export interface ResNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /**
   * Starts every block as the identity: the last batch norm's scale from 0. Goyal et al. 2017,
   * https://arxiv.org/abs/1706.02677. Default false.
   */
  zeroInitResidual?: boolean;
}

/** Every layer pads, so nothing refuses a single pixel. */
const SIZES = { minSize: 1 };

export type BlockCounts = readonly [layer1: number, layer2: number, layer3: number, layer4: number];

/**
 * `[n, 3, h, w]`, any size, to logits `[n, numClasses]`. He, Zhang, Ren and Sun, "Deep residual learning for image
 * recognition", CVPR 2016, https://arxiv.org/abs/1512.03385. Where the size or the channels change, the shortcut is a
 * 1x1 projection (the paper's option B). https://pytorch.org/vision/stable/models/resnet.html
 *
 *     new ResNet(BasicBlock, [2, 2, 2, 2]);  // ResNet-18
 *     new ResNet(Bottleneck, [3, 4, 6, 3]);  // ResNet-50
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1 = new BatchNorm2d(64);
  readonly relu = new ReLU();
  readonly maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool = new AdaptiveAvgPool2d([1, 1]);
  readonly fc: Linear;

  constructor(
    block: typeof BasicBlock | typeof Bottleneck,
    counts: BlockCounts,
    { numClasses = 1000, inChannels = 3, zeroInitResidual = false }: ResNetOptions = {},
  ) {
    super();
    const { expansion } = block;
    const stage = (inPlanes: number, planes: number, count: number, stride: number) =>
      new Sequential(
        new block(inPlanes, planes, stride),
        ...Array.from({ length: count - 1 }, () => new block(planes * expansion, planes)),
      );
    this.conv1 = new Conv2d(inChannels, 64, 7, { stride: 2, padding: 3, bias: false });
    this.layer1 = stage(64, 64, counts[0], 1);
    this.layer2 = stage(64 * expansion, 128, counts[1], 2);
    this.layer3 = stage(128 * expansion, 256, counts[2], 2);
    this.layer4 = stage(256 * expansion, 512, counts[3], 2);
    this.fc = new Linear(512 * expansion, numClasses);
    this.apply((module) => {
      if (module instanceof Conv2d) kaimingNormal(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      if (zeroInitResidual && module instanceof BasicBlock) zeroScale(module.bn2);
      if (zeroInitResidual && module instanceof Bottleneck) zeroScale(module.bn3);
    });
  }

  // sizes for 224x224; channels of layer1 to layer4 with a Bottleneck are four times as many
  protected override forward(x: Tensor): Tensor {
    checkImage('ResNet', x, this.conv1, SIZES);
    let y = normRelu(this.bn1, this.conv1.call(x), { relu: this.relu }); // [n, 64, 112, 112]
    y = this.maxpool.call(y); // [n, 64, 56, 56]
    y = this.layer1.call(y); // [n, 64, 56, 56]
    y = this.layer2.call(y); // [n, 128, 28, 28]
    y = this.layer3.call(y); // [n, 256, 14, 14]
    y = this.layer4.call(y); // [n, 512, 7, 7]
    y = flatten(this.avgpool.call(y), 1); // [n, 512]
    return this.fc.call(y); // [n, numClasses]
  }
}

/** Two 3x3 convolutions and the shortcut: `[n, inPlanes, h, w]` to `[n, planes, h / stride, w / stride]`. */
export class BasicBlock extends Module {
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly relu = new ReLU();
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inPlanes: number, planes: number, stride = 1) {
    super();
    this.conv1 = new Conv2d(inPlanes, planes, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(planes);
    this.conv2 = new Conv2d(planes, planes, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(planes);
    this.downsample = projection(inPlanes, planes * BasicBlock.expansion, stride);
  }

  protected override forward(x: Tensor): Tensor {
    const { relu } = this;
    const y = normRelu(this.bn1, this.conv1.call(x), { relu });
    return normRelu(this.bn2, this.conv2.call(y), { relu, residual: () => this.downsample?.call(x) ?? x });
  }
}

/** 1x1 down to `planes`, 3x3, 1x1 up to `4 · planes`, and the shortcut. */
export class Bottleneck extends Module {
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly relu = new ReLU();
  readonly downsample: Sequential | null;

  constructor(inPlanes: number, planes: number, stride = 1) {
    super();
    const outPlanes = planes * Bottleneck.expansion;
    this.conv1 = new Conv2d(inPlanes, planes, 1, { bias: false });
    this.bn1 = new BatchNorm2d(planes);
    // the paper strides in conv1; torchvision's weights, like most, are of this "v1.5"
    this.conv2 = new Conv2d(planes, planes, 3, { stride, padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(planes);
    this.conv3 = new Conv2d(planes, outPlanes, 1, { bias: false });
    this.bn3 = new BatchNorm2d(outPlanes);
    this.downsample = projection(inPlanes, outPlanes, stride);
  }

  protected override forward(x: Tensor): Tensor {
    const { relu } = this;
    let y = normRelu(this.bn1, this.conv1.call(x), { relu });
    y = normRelu(this.bn2, this.conv2.call(y), { relu });
    return normRelu(this.bn3, this.conv3.call(y), { relu, residual: () => this.downsample?.call(x) ?? x });
  }
}

/** The shortcut where the identity does not fit: 1x1 convolution and batch norm; null where it does. */
export function projection(inPlanes: number, outPlanes: number, stride: number): Sequential | null {
  if (stride === 1 && inPlanes === outPlanes) return null;
  return new Sequential(new Conv2d(inPlanes, outPlanes, 1, { stride, bias: false }), new BatchNorm2d(outPlanes));
}

function zeroScale({ weight }: BatchNorm2d): void {
  if (weight) zeros(weight);
}

export const RESNET_PAPER: Paper = {
  title: 'Deep Residual Learning for Image Recognition',
  authors: 'Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun',
  year: 2016,
  url: 'https://arxiv.org/abs/1512.03385',
};

/** Published models: https://pytorch.org/vision/stable/models/resnet.html. */
export const RESNET_ENTRIES: readonly ModelEntry[] = [
  entry('resnet18', BasicBlock, [2, 2, 2, 2], [torchvisionWeights('resnet18-f37072fd', 69.758, 89.078)]),
  entry('resnet34', BasicBlock, [3, 4, 6, 3], [torchvisionWeights('resnet34-b627a593', 73.314, 91.42)]),
  entry(
    'resnet50',
    Bottleneck,
    [3, 4, 6, 3],
    [
      torchvisionWeights('resnet50-0676ba61', 76.13, 92.862),
      torchvisionWeights('resnet50-11ad3fa6', 80.858, 95.434, { resize: 232 }),
    ],
  ),
  entry(
    'resnet101',
    Bottleneck,
    [3, 4, 23, 3],
    [
      torchvisionWeights('resnet101-63fe2227', 77.374, 93.546),
      torchvisionWeights('resnet101-cd907fc2', 81.886, 95.78, { resize: 232 }),
    ],
  ),
  entry(
    'resnet152',
    Bottleneck,
    [3, 8, 36, 3],
    [
      torchvisionWeights('resnet152-394f9c45', 78.312, 94.046),
      torchvisionWeights('resnet152-f82ba261', 82.284, 96.002, { resize: 232 }),
    ],
  ),
];

function entry(
  name: string,
  block: typeof BasicBlock | typeof Bottleneck,
  counts: BlockCounts,
  // V1 first: trained as the paper has it, so that it compares with the other architectures
  files: readonly WeightsEntry[],
): ModelEntry {
  return {
    name,
    family: 'ResNet',
    paper: RESNET_PAPER,
    head: 'fc',
    inputShape: [3, 224, 224],
    ...SIZES,
    numClasses: 1000,
    accuracy: files[0].accuracy,
    weights: files,
    create: (options = {}) => new ResNet(block, counts, pickOptions(name, options, ['numClasses', 'inChannels'])),
  };
}

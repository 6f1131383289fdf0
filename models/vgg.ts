// VGG11, 13, 16-A, 16-B and 19: a table and one builder.
import { flatten } from '../engine/functional/shape.ts';
import { ReLU } from '../engine/nn/activations.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Dropout } from '../engine/nn/dropout.ts';
import { kaimingNormal, normal, zeros } from '../engine/nn/init.ts';
import { Linear } from '../engine/nn/linear.ts';
import { type AnyModule, Module } from '../engine/nn/module.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper, PublishedAccuracy, WeightsEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';
import { torchvisionWeights } from './torchvisionWeights.ts';

/** A convolution: its channels for 3x3 with padding 1, or a side as well, with the padding that keeps the size. */
export type VggLayer = number | { readonly kernel: 1 | 3; readonly channels: number };
/** Blocks of convolutions; a 2x2 max pool ends each. */
export type VggBlocks = readonly (readonly VggLayer[])[];

/** Table 9.1 of the chapter, table 1 of the paper (A, B, C, D, E). 16 is the chapter's 16-B. */
export const VGG_BLOCKS = {
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  '16_a': [
    [64, 64],
    [128, 128],
    [256, 256, conv1(256)],
    [512, 512, conv1(512)],
    [512, 512, conv1(512)],
  ],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  19: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
} as const satisfies Record<string, VggBlocks>;

export interface VGGOptions {
  /** Batch norm behind every convolution, which keeps its bias as torchvision's does. Default false. */
  batchNorm?: boolean;
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /** Behind the first two linear layers. Default 0.5. */
  dropout?: number;
}

/** Five pools halve it to one pixel; the mean to 7x7 then takes any map. */
const SIZES = { minSize: 32 };

/**
 * `[n, 3, 224, 224]` to logits `[n, 1000]`. Simonyan and Zisserman, "Very deep convolutional networks for large-scale
 * image recognition", ICLR 2015, https://arxiv.org/abs/1409.1556; https://pytorch.org/vision/stable/models/vgg.html
 * `call` throws ShapeError for images below 32x32.
 *
 *     new VGG(VGG_BLOCKS[16], { batchNorm: true });  // VGG16-B with batch norm
 */
export class VGG extends Module {
  readonly features: Sequential;
  readonly avgpool = new AdaptiveAvgPool2d([7, 7]);
  readonly classifier: Sequential;

  constructor(
    blocks: VggBlocks,
    { batchNorm = false, numClasses = 1000, inChannels = 3, dropout = 0.5 }: VGGOptions = {},
  ) {
    super();
    this.features = new Sequential(...convolutions(blocks, inChannels, batchNorm)); // [n, 512, 7, 7]
    this.classifier = new Sequential(
      new Linear(512 * 7 * 7, 4096),
      new ReLU({ inplace: true }),
      new Dropout(dropout),
      new Linear(4096, 4096),
      new ReLU({ inplace: true }),
      new Dropout(dropout),
      new Linear(4096, numClasses),
    );
    this.apply(initialise);
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('VGG', x, this.features[0], SIZES);
    const y = this.avgpool.call(this.features.call(x)); // [n, 512, 7, 7]
    return this.classifier.call(flatten(y, 1)); // [n, numClasses]
  }
}

function convolutions(blocks: VggBlocks, inChannels: number, batchNorm: boolean): Module[] {
  const layers: Module[] = [];
  let before = inChannels;
  for (const block of blocks) {
    for (const layer of block) {
      const { kernel, channels } = typeof layer === 'number' ? { kernel: 3, channels: layer } : layer;
      layers.push(new Conv2d(before, channels, kernel, { padding: (kernel - 1) / 2 }));
      if (batchNorm) layers.push(new BatchNorm2d(channels));
      layers.push(new ReLU({ inplace: true }));
      before = channels;
    }
    layers.push(new MaxPool2d(2, { stride: 2 }));
  }
  return layers;
}

/** torchvision's; the paper starts deep networks from trained shallow ones. */
function initialise(module: AnyModule): void {
  if (module instanceof Conv2d) kaimingNormal(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
  else if (module instanceof Linear) normal(module.weight, { std: 0.01 });
  else return;
  if (module.bias) zeros(module.bias);
}

function conv1(channels: number): VggLayer {
  return { kernel: 1, channels };
}

const PAPER: Paper = {
  title: 'Very Deep Convolutional Networks for Large-Scale Image Recognition',
  authors: 'Karen Simonyan, Andrew Zisserman',
  year: 2015,
  url: 'https://arxiv.org/abs/1409.1556',
};

export const VGG_ENTRIES: readonly ModelEntry[] = [
  entry(11, [torchvisionWeights('vgg11-8a719046', 69.02, 88.628)]),
  entry(11, [torchvisionWeights('vgg11_bn-6002323d', 70.37, 89.81)], { batchNorm: true }),
  entry(13, [torchvisionWeights('vgg13-19584684', 69.928, 89.246)]),
  entry(13, [torchvisionWeights('vgg13_bn-abd245e5', 71.586, 90.374)], { batchNorm: true }),
  // the paper's table 3, network C at scale 256
  entry('16_a', [], { accuracy: { dataset: 'ImageNet', top1: 71.9, top5: 90.6 } }),
  entry('16_a', [], { batchNorm: true }),
  entry(16, [torchvisionWeights('vgg16-397923af', 71.592, 90.382)]),
  entry(16, [torchvisionWeights('vgg16_bn-6c64b313', 73.36, 91.516)], { batchNorm: true }),
  entry(19, [torchvisionWeights('vgg19-dcbb9e9d', 72.376, 90.876)]),
  entry(19, [torchvisionWeights('vgg19_bn-c79401a0', 74.218, 91.842)], { batchNorm: true }),
];

function entry(
  depth: keyof typeof VGG_BLOCKS,
  weights: readonly WeightsEntry[],
  {
    batchNorm = false,
    accuracy = weights[0]?.accuracy,
  }: { batchNorm?: boolean; accuracy?: PublishedAccuracy | undefined } = {},
): ModelEntry {
  const name = `vgg${depth}${batchNorm ? '_bn' : ''}`;
  return {
    name,
    family: 'VGG',
    paper: PAPER,
    head: 'classifier.6',
    inputShape: [3, 224, 224],
    ...SIZES,
    numClasses: 1000,
    ...(accuracy && { accuracy }),
    weights,
    create: (options = {}) =>
      new VGG(VGG_BLOCKS[depth], {
        batchNorm,
        ...pickOptions(name, options, ['numClasses', 'inChannels', 'dropout']),
      }),
  };
}

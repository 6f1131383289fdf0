// AlexNet, in torchvision's form and in the textbook chapter's.
import { relu } from '../engine/functional/activation.ts';
import { maxPool2d } from '../engine/functional/pooling.ts';
import { dropout as dropOut } from '../engine/functional/random.ts';
import { flatten } from '../engine/functional/shape.ts';
import { ReLU } from '../engine/nn/activations.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Dropout } from '../engine/nn/dropout.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper } from './entry.ts';
import { pickOptions } from './pickOptions.ts';
import { torchvisionWeights } from './torchvisionWeights.ts';

export interface AlexNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /** Before the first two linear layers (in the chapter's form: behind them). Default 0.5. */
  dropout?: number;
}

/** What leaves one pixel for the last pool; the mean to 6x6 then takes any map. */
const SIZES = { minSize: 63 };
/** Without that mean the flattened map must be 6x6. */
const CHAPTER_SIZES = { minSize: 223, maxSize: 254 };

/**
 * AlexNet of one GPU: `[n, 3, 224, 224]` to logits `[n, 1000]`, 61,100,840 parameters. Krizhevsky, "One weird trick for
 * parallelizing convolutional neural networks", 2014, https://arxiv.org/abs/1404.5997: fewer channels than the network
 * of 2012, no groups and no local response normalisation.
 * https://pytorch.org/vision/stable/models/alexnet.html
 * `call` throws ShapeError for images below 63x63.
 */
export class AlexNet extends Module {
  readonly features: Sequential;
  readonly avgpool = new AdaptiveAvgPool2d([6, 6]);
  readonly classifier: Sequential;

  constructor({ numClasses = 1000, inChannels = 3, dropout = 0.5 }: AlexNetOptions = {}) {
    super();
    this.features = new Sequential(
      new Conv2d(inChannels, 64, 11, { stride: 4, padding: 2 }), // [n, 64, 55, 55]
      new ReLU({ inplace: true }),
      new MaxPool2d(3, { stride: 2 }), // [n, 64, 27, 27]
      new Conv2d(64, 192, 5, { padding: 2 }), // [n, 192, 27, 27]
      new ReLU({ inplace: true }),
      new MaxPool2d(3, { stride: 2 }), // [n, 192, 13, 13]
      new Conv2d(192, 384, 3, { padding: 1 }), // [n, 384, 13, 13]
      new ReLU({ inplace: true }),
      new Conv2d(384, 256, 3, { padding: 1 }), // [n, 256, 13, 13]
      new ReLU({ inplace: true }),
      new Conv2d(256, 256, 3, { padding: 1 }), // [n, 256, 13, 13]
      new ReLU({ inplace: true }),
      new MaxPool2d(3, { stride: 2 }), // [n, 256, 6, 6]
    );
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(256 * 6 * 6, 4096),
      new ReLU({ inplace: true }),
      new Dropout(dropout),
      new Linear(4096, 4096),
      new ReLU({ inplace: true }),
      new Linear(4096, numClasses),
    );
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('AlexNet', x, this.features[0], SIZES);
    const y = this.avgpool.call(this.features.call(x)); // [n, 256, 6, 6]
    return this.classifier.call(flatten(y, 1)); // [n, numClasses]
  }
}

/**
 * AlexNet as the chapter writes it, with the channels of 2012 and neither groups nor local response normalisation:
 * `[n, 3, 224, 224]` to logits `[n, 1000]`, 62,378,344 parameters. Krizhevsky, Sutskever and Hinton 2012.
 * `call` throws ShapeError for images that are not 223 to 254 pixels wide and high.
 */
export class AlexNetChapter extends Module {
  readonly conv1: Conv2d;
  readonly conv2 = new Conv2d(96, 256, 5, { padding: 2 });
  readonly conv3 = new Conv2d(256, 384, 3, { padding: 1 });
  readonly conv4 = new Conv2d(384, 384, 3, { padding: 1 });
  readonly conv5 = new Conv2d(384, 256, 3, { padding: 1 });
  readonly fc1 = new Linear(256 * 6 * 6, 4096);
  readonly fc2 = new Linear(4096, 4096);
  readonly fc3: Linear;
  readonly dropout: number;

  constructor({ numClasses = 1000, inChannels = 3, dropout = 0.5 }: AlexNetOptions = {}) {
    super();
    this.conv1 = new Conv2d(inChannels, 96, 11, { stride: 4, padding: 2 });
    this.fc3 = new Linear(4096, numClasses);
    this.dropout = dropout;
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('AlexNetChapter', x, this.conv1, CHAPTER_SIZES);
    // the chapter's F.dropout(x, 0.5) drops in inference too, an oversight
    const drop = (y: Tensor) => dropOut(y, this.dropout, { training: this.training });
    let y = maxPool2d(relu(this.conv1.call(x)), 3, { stride: 2 }); // [n, 96, 27, 27]
    y = maxPool2d(relu(this.conv2.call(y)), 3, { stride: 2 }); // [n, 256, 13, 13]
    y = relu(this.conv3.call(y)); // [n, 384, 13, 13]
    y = relu(this.conv4.call(y)); // [n, 384, 13, 13]
    y = maxPool2d(relu(this.conv5.call(y)), 3, { stride: 2 }); // [n, 256, 6, 6]
    y = drop(relu(this.fc1.call(flatten(y, 1)))); // [n, 4096]
    y = drop(relu(this.fc2.call(y))); // [n, 4096]
    return this.fc3.call(y); // [n, numClasses]
  }
}

const ONE_WEIRD_TRICK: Paper = {
  title: 'One weird trick for parallelizing convolutional neural networks',
  authors: 'Alex Krizhevsky',
  year: 2014,
  url: 'https://arxiv.org/abs/1404.5997',
};
const ALEXNET_2012: Paper = {
  title: 'ImageNet classification with deep convolutional neural networks',
  authors: 'Alex Krizhevsky, Ilya Sutskever, Geoffrey E. Hinton',
  year: 2012,
  url: 'https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html',
};
const OPTIONS = ['numClasses', 'inChannels', 'dropout'] as const;

export const ALEXNET_ENTRIES: readonly ModelEntry[] = [
  {
    name: 'alexnet',
    family: 'AlexNet',
    paper: ONE_WEIRD_TRICK,
    head: 'classifier.6',
    inputShape: [3, 224, 224],
    ...SIZES,
    numClasses: 1000,
    accuracy: { dataset: 'ImageNet', top1: 56.522, top5: 79.066 },
    weights: [torchvisionWeights('alexnet-owt-7be5be79', 56.522, 79.066)],
    create: (options = {}) => new AlexNet(pickOptions('alexnet', options, OPTIONS)),
  },
  {
    name: 'alexnet_chapter',
    family: 'AlexNetChapter',
    paper: ALEXNET_2012,
    head: 'fc3',
    inputShape: [3, 224, 224],
    ...CHAPTER_SIZES,
    numClasses: 1000,
    // one network on the validation set: the paper's table 2
    accuracy: { dataset: 'ImageNet', top1: 59.3, top5: 81.8 },
    weights: [],
    create: (options = {}) => new AlexNetChapter(pickOptions('alexnet_chapter', options, OPTIONS)),
  },
];

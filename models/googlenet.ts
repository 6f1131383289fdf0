// GoogLeNet (Inception v1), in torchvision's form and in the paper's.
import { IMAGENET_PREPROCESSING } from '../datasets/images/preprocessing.ts';
import { relu } from '../engine/functional/activation.ts';
import { crossEntropy } from '../engine/functional/loss.ts';
import { adaptiveAvgPool2d } from '../engine/functional/pooling.ts';
import { cat, flatten, pad } from '../engine/functional/shape.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Dropout } from '../engine/nn/dropout.ts';
import { normal } from '../engine/nn/init.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper, WeightsEntry } from './entry.ts';
import { BasicConv2d, Inception, type InceptionOptions } from './inception.ts';
import { pickOptions } from './pickOptions.ts';
import { torchvisionWeights } from './torchvisionWeights.ts';

/** The last pool needs two pixels where it is 3x3, one where it is 2x2. */
const SIZES = { torchvision: { minSize: 15 }, paper: { minSize: 31 } };

export interface GoogLeNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /** Before the last layer. Default: 0.2 in torchvision's form, 0.4 in the paper's. */
  dropout?: number;
  /** In the auxiliary heads. Default 0.7. */
  auxDropout?: number;
  /** With the two auxiliary heads. Default false. */
  auxLogits?: boolean;
  /** Takes images normalised for ImageNet to the mean 0.5 and deviation 0.5 of torchvision's weights. Default false. */
  transformInput?: boolean;
  /**
   * `paper`: 5x5 kernels in the third branches, a 3x3 pool before 5a, dropout 0.4. `torchvision`: 3x3, 2x2, 0.2.
   * Both have batch norm, which the paper has not, and its auxiliary heads pool to 4x4. Default `torchvision`.
   */
  form?: 'torchvision' | 'paper';
}

/** What a model with auxiliary heads gives in training, `[n, numClasses]` each. */
export interface GoogLeNetOutput {
  readonly logits: Tensor;
  /** Behind 4a. */
  readonly aux1: Tensor;
  /** Behind 4d. */
  readonly aux2: Tensor;
}

/**
 * `[n, 3, h, w]` of at least 15x15 (31x31 in the paper's form) to logits `[n, numClasses]`; with auxiliary heads and in
 * training to a `GoogLeNetOutput`. Szegedy et al., "Going deeper with convolutions", CVPR 2015,
 * https://arxiv.org/abs/1409.4842; https://pytorch.org/vision/stable/models/googlenet.html
 */
export class GoogLeNet extends Module<Tensor | GoogLeNetOutput> {
  readonly conv1: BasicConv2d;
  readonly maxpool1 = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly conv2 = new BasicConv2d(64, 64, 1);
  readonly conv3 = new BasicConv2d(64, 192, 3, { padding: 1 });
  readonly maxpool2 = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3 = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly inception4c: Inception;
  readonly inception4d: Inception;
  readonly inception4e: Inception;
  readonly maxpool4: MaxPool2d;
  readonly inception5a: Inception;
  readonly inception5b: Inception;
  /** Null without auxiliary heads. */
  aux1: AuxiliaryHead | null;
  aux2: AuxiliaryHead | null;
  readonly avgpool = new AdaptiveAvgPool2d([1, 1]);
  readonly dropout: Dropout;
  readonly fc: Linear;
  readonly transformInput: boolean;
  readonly form: 'torchvision' | 'paper';

  /** @throws ShapeError when `transformInput` is asked for other than three channels */
  constructor({
    numClasses = 1000,
    inChannels = 3,
    auxLogits = false,
    transformInput = false,
    form = 'torchvision',
    dropout = form === 'paper' ? 0.4 : 0.2,
    auxDropout = 0.7,
  }: GoogLeNetOptions = {}) {
    super();
    if (transformInput && inChannels !== 3) {
      throw new ShapeError(`GoogLeNet: transformInput is for images of 3 channels, given inChannels ${inChannels}`);
    }
    const kernels: InceptionOptions = { thirdKernel: form === 'paper' ? 5 : 3 };
    this.conv1 = new BasicConv2d(inChannels, 64, 7, { stride: 2, padding: 3 });
    //                                    #1x1  #3x3        #5x5      pool projection
    this.inception3a = new Inception(192, 64, [96, 128], [16, 32], 32, kernels);
    this.inception3b = new Inception(256, 128, [128, 192], [32, 96], 64, kernels);
    this.inception4a = new Inception(480, 192, [96, 208], [16, 48], 64, kernels);
    this.inception4b = new Inception(512, 160, [112, 224], [24, 64], 64, kernels);
    this.inception4c = new Inception(512, 128, [128, 256], [24, 64], 64, kernels);
    this.inception4d = new Inception(512, 112, [144, 288], [32, 64], 64, kernels);
    this.inception4e = new Inception(528, 256, [160, 320], [32, 128], 128, kernels);
    this.maxpool4 = new MaxPool2d(form === 'paper' ? 3 : 2, { stride: 2, ceilMode: true });
    this.inception5a = new Inception(832, 256, [160, 320], [32, 128], 128, kernels);
    this.inception5b = new Inception(832, 384, [192, 384], [48, 128], 128, kernels);
    this.aux1 = auxLogits ? new AuxiliaryHead(512, numClasses, { dropout: auxDropout }) : null;
    this.aux2 = auxLogits ? new AuxiliaryHead(528, numClasses, { dropout: auxDropout }) : null;
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(1024, numClasses);
    this.transformInput = transformInput;
    this.form = form;
    this.apply((module) => {
      // torchvision truncates at 200 deviations, which no draw reaches
      if (module instanceof Conv2d || module instanceof Linear) normal(module.weight, { std: 0.01 });
    });
  }

  protected override forward(x: Tensor): Tensor | GoogLeNetOutput {
    checkImage('GoogLeNet', x, this.conv1.conv, SIZES[this.form]);
    let y = this.transformInput ? renormalised(x) : x; // [n, 3, 224, 224]
    y = this.maxpool1.call(this.conv1.call(y)); // [n, 64, 56, 56]
    y = this.conv3.call(this.conv2.call(y)); // [n, 192, 56, 56]
    y = this.maxpool2.call(y); // [n, 192, 28, 28]
    y = this.inception3a.call(y); // [n, 256, 28, 28]
    y = this.inception3b.call(y); // [n, 480, 28, 28]
    y = this.maxpool3.call(y); // [n, 480, 14, 14]
    y = this.inception4a.call(y); // [n, 512, 14, 14]
    const aux1 = this.training ? this.aux1?.call(y) : undefined; // [n, numClasses]
    y = this.inception4b.call(y); // [n, 512, 14, 14]
    y = this.inception4c.call(y); // [n, 512, 14, 14]
    y = this.inception4d.call(y); // [n, 528, 14, 14]
    const aux2 = this.training ? this.aux2?.call(y) : undefined; // [n, numClasses]
    y = this.inception4e.call(y); // [n, 832, 14, 14]
    y = this.maxpool4.call(y); // [n, 832, 7, 7]
    y = this.inception5a.call(y); // [n, 832, 7, 7]
    y = this.inception5b.call(y); // [n, 1024, 7, 7]
    y = flatten(this.avgpool.call(y), 1); // [n, 1024]
    const logits = this.fc.call(this.dropout.call(y)); // [n, numClasses]
    return aux1 && aux2 ? { logits, aux1, aux2 } : logits;
  }

  /**
   * Takes the auxiliary heads out and frees their memory. torchvision's file holds them (untrained), so its weights are
   * loaded strictly into a model with `auxLogits` first. Call it before the parameters are given to an optimizer.
   */
  dropAuxiliary(): this {
    this.aux1?.dispose();
    this.aux2?.dispose();
    this.aux1 = null;
    this.aux2 = null;
    return this;
  }
}

/**
 * Mean cross entropy of the logits, plus 0.3 times that of each auxiliary head where there are any (section 5 of the
 * paper): a scalar.
 * @param output of `GoogLeNet`
 * @param labels `[n]`, uint32
 * @throws ShapeError when shapes disagree
 */
export function googlenetLoss(output: Tensor | GoogLeNetOutput, labels: Tensor, { labelSmoothing = 0 } = {}): Tensor {
  const loss = (logits: Tensor) => crossEntropy(logits, labels, { labelSmoothing });
  if (output instanceof Tensor) return loss(output);
  return loss(output.logits).add(loss(output.aux1).mul(0.3)).add(loss(output.aux2).mul(0.3));
}

/** A classifier in the middle of the network: `[n, inChannels, 14, 14]`, or any size, to logits `[n, numClasses]`. */
export class AuxiliaryHead extends Module {
  readonly conv: BasicConv2d;
  readonly fc1 = new Linear(2048, 1024);
  readonly fc2: Linear;
  readonly dropout: Dropout;

  constructor(inChannels: number, numClasses: number, { dropout = 0.7 } = {}) {
    super();
    this.conv = new BasicConv2d(inChannels, 128, 1);
    this.fc2 = new Linear(1024, numClasses);
    this.dropout = new Dropout(dropout);
  }

  protected override forward(x: Tensor): Tensor {
    let y = this.conv.call(adaptiveAvgPool2d(x, 4)); // [n, 128, 4, 4]
    y = relu(this.fc1.call(flatten(y, 1))); // [n, 1024]
    return this.fc2.call(this.dropout.call(y)); // [n, numClasses]
  }
}

/** From ImageNet's mean and deviation per channel to 0.5 and 0.5, channel by channel as torchvision computes it. */
function renormalised(x: Tensor): Tensor {
  const { mean, std } = IMAGENET_PREPROCESSING;
  const channels = mean.map((_, c) => {
    const channel = pad(x, [0, 0, 0, 0, -c, c - 2]); // negative padding crops
    return channel.mul(std[c] / 0.5).add((mean[c] - 0.5) / 0.5);
  });
  return cat(channels, 1);
}

const PAPER: Paper = {
  title: 'Going Deeper with Convolutions',
  authors:
    'Christian Szegedy, Wei Liu, Yangqing Jia, Pierre Sermanet, Scott Reed, Dragomir Anguelov, Dumitru Erhan, Vincent Vanhoucke, Andrew Rabinovich',
  year: 2015,
  url: 'https://arxiv.org/abs/1409.4842',
};

const OPTIONS = ['numClasses', 'inChannels', 'dropout', 'auxLogits', 'transformInput'] as const;

const COMMON = {
  family: 'GoogLeNet',
  paper: PAPER,
  head: 'fc',
  inputShape: [3, 224, 224],
  numClasses: 1000,
} as const;

/** Trained elsewhere, with images of mean and deviation 0.5; the file holds auxiliary heads, untrained. */
const WEIGHTS: WeightsEntry = {
  ...torchvisionWeights('googlenet-1378be20', 69.778, 89.53),
  options: { auxLogits: true, transformInput: true },
};

export const GOOGLENET_ENTRIES: readonly ModelEntry[] = [
  {
    ...COMMON,
    name: 'googlenet',
    ...SIZES.torchvision,
    accuracy: WEIGHTS.accuracy,
    weights: [WEIGHTS],
    create: (options = {}) => new GoogLeNet(pickOptions('googlenet', options, OPTIONS)),
  },
  {
    ...COMMON,
    name: 'googlenet_paper',
    ...SIZES.paper,
    weights: [],
    create: (options = {}) => new GoogLeNet({ ...pickOptions('googlenet_paper', options, OPTIONS), form: 'paper' }),
  },
];

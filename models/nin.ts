// Network in network, in the chapter's form for ImageNet.
import { ReLU } from '../engine/nn/activations.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Dropout } from '../engine/nn/dropout.ts';
import { Flatten } from '../engine/nn/flatten.ts';
import { kaimingNormal, zeros } from '../engine/nn/init.ts';
import { Module } from '../engine/nn/module.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Pair } from '../kernels/window.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';

export interface NiNOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /** Behind each of the first three blocks. Default 0.5. */
  dropout?: number;
}

/** What leaves one window for the third pool. */
const SIZES = { minSize: 67 };

/**
 * `[n, 3, 224, 224]` to logits `[n, 1000]`, without linear layers: the last block has a map per class and the logit is
 * the map's mean. 7,439,608 parameters; 2,015,398 for 10 classes. Lin, Chen and Yan, "Network in network", ICLR 2014,
 * https://arxiv.org/abs/1312.4400. `call` throws ShapeError for images below 67x67.
 */
export class NiN extends Module {
  readonly net: Sequential;

  constructor({ numClasses = 1000, inChannels = 3, dropout = 0.5 }: NiNOptions = {}) {
    super();
    this.net = new Sequential(
      ninBlock(inChannels, 96, 11, { stride: 4 }), // [n, 96, 54, 54]
      new Dropout(dropout),
      new MaxPool2d(3, { stride: 2 }), // [n, 96, 26, 26]
      ninBlock(96, 256, 5, { padding: 2 }), // [n, 256, 26, 26]
      new Dropout(dropout),
      new MaxPool2d(3, { stride: 2 }), // [n, 256, 12, 12]
      ninBlock(256, 384, 3, { padding: 1 }), // [n, 384, 12, 12]
      new Dropout(dropout),
      new MaxPool2d(3, { stride: 2 }), // [n, 384, 5, 5]
      ninBlock(384, numClasses, 3, { padding: 1 }), // [n, numClasses, 5, 5]
      new AdaptiveAvgPool2d([1, 1]), // [n, numClasses, 1, 1]
      new Flatten(), // [n, numClasses]
    );
    // The chapter's loop sees only top-level layers, none of which is a convolution, so its He initialisation never ran.
    // Here it does: PyTorch's default loses the signal in twelve rectified layers without normalisation.
    this.apply((module) => {
      if (!(module instanceof Conv2d)) return;
      kaimingNormal(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      if (module.bias) zeros(module.bias);
    });
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('NiN', x, (this.net[0] as Sequential)[0], SIZES);
    return this.net.call(x);
  }
}

/**
 * A convolution and two 1x1 convolutions, each with ReLU: a small perceptron slid over the image. `[n, inChannels, h, w]`
 * to `[n, outChannels, oh, ow]`, the size as the first convolution's. `stride` is 1 and `padding` 0 by default.
 */
export function ninBlock(
  inChannels: number,
  outChannels: number,
  kernelSize: Pair,
  { stride = 1, padding = 0 }: { stride?: Pair; padding?: Pair } = {},
): Sequential {
  return new Sequential(
    new Conv2d(inChannels, outChannels, kernelSize, { stride, padding }),
    new ReLU(),
    new Conv2d(outChannels, outChannels, 1),
    new ReLU(),
    new Conv2d(outChannels, outChannels, 1),
    new ReLU(),
  );
}

export const NIN_ENTRIES: readonly ModelEntry[] = [
  {
    name: 'nin',
    family: 'NiN',
    paper: {
      title: 'Network In Network',
      authors: 'Min Lin, Qiang Chen, Shuicheng Yan',
      year: 2014,
      url: 'https://arxiv.org/abs/1312.4400',
    },
    // the whole block: all its layers have a channel per class
    head: 'net.9',
    inputShape: [3, 224, 224],
    ...SIZES,
    numClasses: 1000,
    weights: [],
    create: (options = {}) => new NiN(pickOptions('nin', options, ['numClasses', 'inChannels', 'dropout'])),
  },
];

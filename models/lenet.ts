// LeNet-5 twice: for 28x28 images with linear layers, and for the paper's 32x32 images with C5 as a convolution.
import { relu } from '../engine/functional/activation.ts';
import { maxPool2d } from '../engine/functional/pooling.ts';
import { flatten } from '../engine/functional/shape.ts';
import { ReLU } from '../engine/nn/activations.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import { MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, ModelOptions, Paper } from './entry.ts';
import { pickOptions } from './pickOptions.ts';

export interface LeNet5Options {
  /** Default 10. */
  numClasses?: number;
  /** Default 1, grey. */
  inChannels?: number;
}

/** The flattened map must be 5x5, and pooling drops odd rows. */
const MIN_SIZE = 28;
const MAX_SIZE = 31;
/** Four pixels more: the first convolution has no padding. */
const C5_MIN_SIZE = 32;
const C5_MAX_SIZE = 35;

/**
 * LeNet-5: `[n, 1, 28, 28]` to logits `[n, 10]`, 61,706 parameters. LeCun, Bottou, Bengio and Haffner,
 * "Gradient-based learning applied to document recognition", Proc. IEEE 1998, https://doi.org/10.1109/5.726791.
 * What differs from the paper, as in every modern copy: ReLU for tanh, max pooling for trained subsampling, all six
 * maps seen by all sixteen, and a linear last layer with cross entropy for radial basis functions. Padding of 2 in the
 * first layer stands for the paper's 32x32 images. Call throws ShapeError for images that are not 28 to 31 pixels wide
 * and high.
 */
export class LeNet5 extends Module {
  readonly conv1: Conv2d;
  readonly conv2 = new Conv2d(6, 16, 5);
  readonly fc1 = new Linear(400, 120);
  readonly fc2 = new Linear(120, 84);
  readonly fc3: Linear;

  constructor({ numClasses = 10, inChannels = 1 }: LeNet5Options = {}) {
    super();
    this.conv1 = new Conv2d(inChannels, 6, 5, { padding: 2 });
    this.fc3 = new Linear(84, numClasses);
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('LeNet5', x, this.conv1, { minSize: MIN_SIZE, maxSize: MAX_SIZE });
    let y = maxPool2d(relu(this.conv1.call(x)), 2); // [n, 6, 14, 14]
    y = maxPool2d(relu(this.conv2.call(y)), 2); // [n, 16, 5, 5]
    y = relu(this.fc1.call(flatten(y, 1))); // [n, 120]
    y = relu(this.fc2.call(y)); // [n, 84]
    return this.fc3.call(y); // [n, numClasses]
  }
}

/**
 * LeNet-5 in the paper's numbering: `[n, 1, 32, 32]` to logits `[n, 10]`, 61,706 parameters. C5 is a convolution that
 * covers its whole input, so its weights are those of `LeNet5.fc1` in another shape. Weights trained elsewhere have
 * these keys: `convnet.c1.weight` … `fc.f7.bias`.
 */
export class LeNet5C5 extends Module {
  readonly convnet: Sequential;
  readonly fc: Sequential;

  constructor({ numClasses = 10, inChannels = 1 }: LeNet5Options = {}) {
    super();
    this.convnet = new Sequential({
      c1: new Conv2d(inChannels, 6, 5),
      relu1: new ReLU(),
      s2: new MaxPool2d(2),
      c3: new Conv2d(6, 16, 5),
      relu3: new ReLU(),
      s4: new MaxPool2d(2),
      c5: new Conv2d(16, 120, 5),
      relu5: new ReLU(),
    });
    this.fc = new Sequential({ f6: new Linear(120, 84), relu6: new ReLU(), f7: new Linear(84, numClasses) });
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('LeNet5C5', x, this.convnet.layers()[0], {
      minSize: C5_MIN_SIZE,
      maxSize: C5_MAX_SIZE,
    });
    return this.fc.call(flatten(this.convnet.call(x), 1)); // [n, 120, 1, 1], [n, numClasses]
  }
}

const PAPER: Paper = {
  title: 'Gradient-based learning applied to document recognition',
  authors: 'Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner',
  year: 1998,
  url: 'https://doi.org/10.1109/5.726791',
};
const OPTIONS = ['numClasses', 'inChannels'] as const;
/** A test error of 0.95 % without distortions: the paper's section III.C. */
const PAPER_ACCURACY = { dataset: 'MNIST', top1: 99.05 } as const;

// plain values, for bundlers keep a spread or a sum even where nobody asks for the entries
export const LENET_ENTRIES: readonly ModelEntry[] = [
  {
    name: 'lenet5',
    family: 'LeNet5',
    paper: PAPER,
    head: 'fc3',
    inputShape: [1, 28, 28],
    minSize: MIN_SIZE,
    maxSize: MAX_SIZE,
    numClasses: 10,
    accuracy: PAPER_ACCURACY,
    weights: [],
    create: (options: ModelOptions = {}) => new LeNet5(pickOptions('lenet5', options, OPTIONS)),
  },
  {
    name: 'lenet5_c5',
    family: 'LeNet5C5',
    paper: PAPER,
    head: 'fc.f7',
    inputShape: [1, 32, 32],
    minSize: C5_MIN_SIZE,
    maxSize: C5_MAX_SIZE,
    numClasses: 10,
    accuracy: PAPER_ACCURACY,
    weights: [
      {
        file: 'lenet_epoch=12_test_acc=0.991.pth',
        sha256: '7b3591ba5a63752a7e728d7f7e511266556a2ec66844810da9f475e07019b85e',
        url: 'https://raw.githubusercontent.com/csinva/gan-vae-pretrained-pytorch/9b6401e122fa186a3a57f97c5df57e3603121fba/mnist_classifier/weights/lenet_epoch%3D12_test_acc%3D0.991.pth',
        classes: 'mnist',
        preprocessing: { resize: 32, mean: [0], std: [1] },
        accuracy: { dataset: 'MNIST', top1: 99.07 },
      },
      {
        file: 'mnist_cnn.pt',
        sha256: 'd5d98d05c84b8cf305ebf37ca682a9852c41831230a3667e0e39cfeb7c88f4e2',
        classes: 'mnist',
        preprocessing: { resize: 32, mean: [0.1307], std: [0.3081] },
        accuracy: { dataset: 'MNIST', top1: 99.05 },
      },
    ],
    create: (options: ModelOptions = {}) => new LeNet5C5(pickOptions('lenet5_c5', options, OPTIONS)),
  },
];

// A small network for MNIST, in the form its published weights have.
import { relu } from '../engine/functional/activation.ts';
import { flatten, reshape } from '../engine/functional/shape.ts';
import { BatchNorm2d } from '../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, WeightsEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';

export interface MnistConvNetOptions {
  /** Default 10. */
  numClasses?: number;
  /** Default 1, grey. */
  inChannels?: number;
}

/** The flattened map must be 22x22, and nothing rounds on the way to it. */
const SIZES = { minSize: 28, maxSize: 28 };

/**
 * `[n, 1, 28, 28]` to logits `[n, 10]`, 376,870 parameters: three 3x3 convolutions, two linear layers, batch norm behind
 * both parts. https://github.com/tracel-ai/burn, `examples/import-model-weights`.
 * `call` throws ShapeError for images that are not 28x28.
 */
export class MnistConvNet extends Module {
  readonly conv1: Conv2d;
  readonly conv2 = new Conv2d(8, 16, 3);
  readonly conv3 = new Conv2d(16, 24, 3);
  readonly norm1 = new BatchNorm2d(24);
  readonly fc1 = new Linear(24 * 22 * 22, 32);
  readonly fc2: Linear;
  readonly norm2: BatchNorm2d;

  constructor({ numClasses = 10, inChannels = 1 }: MnistConvNetOptions = {}) {
    super();
    this.conv1 = new Conv2d(inChannels, 8, 3);
    this.fc2 = new Linear(32, numClasses);
    this.norm2 = new BatchNorm2d(numClasses);
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('MnistConvNet', x, this.conv1, SIZES);
    let y = relu(this.conv1.call(x)); // [n, 8, 26, 26]
    y = relu(this.conv2.call(y)); // [n, 16, 24, 24]
    y = this.norm1.call(relu(this.conv3.call(y))); // [n, 24, 22, 22]
    y = relu(this.fc1.call(flatten(y, 1))); // [n, 32]
    y = this.fc2.call(y); // [n, numClasses]
    // PyTorch's BatchNorm1d: each logit is a channel of one pixel
    return reshape(this.norm2.call(reshape(y, [...y.shape, 1, 1])), y.shape); // [n, numClasses]
  }
}

export const MNIST_CONV_NET_ENTRIES: readonly ModelEntry[] = [
  {
    name: 'mnist_convnet',
    family: 'MnistConvNet',
    paper: {
      title: 'Burn: importing model weights (an example program; there is no paper)',
      authors: 'The Burn authors',
      year: 2023,
      url: 'https://github.com/tracel-ai/burn/tree/main/examples/import-model-weights',
    },
    // fc2 and norm2 both have a channel per class; loading for other classes skips both
    head: 'fc2',
    inputShape: [1, 28, 28],
    ...SIZES,
    numClasses: 10,
    accuracy: { dataset: 'MNIST', top1: 99.15 },
    weights: [
      weights('mnist.pt', '5b6da34f0125197d47ef785539468fc0bc9b9f17d1e5851bdb449901d11aceb8', 99.15),
      weights('mnist.safetensors', 'f23a34cfa782d2a61cf65d70d7813c7f4d4e9a1e79d81ee7bb0695dda1606fe4', 99.17),
    ],
    create: (options = {}) => new MnistConvNet(pickOptions('mnist_convnet', options, ['numClasses', 'inChannels'])),
  },
];

/** @param top1 counted on the 10,000 test images; none is published */
function weights(file: string, sha256: string, top1: number): WeightsEntry {
  return {
    file,
    sha256,
    url: `https://github.com/tracel-ai/burn/raw/2c06be351006851d42fdb6df16b976f4a82d9747/examples/import-model-weights/weights/${file}`,
    classes: 'mnist',
    preprocessing: { mean: [0.1307], std: [0.3081] },
    accuracy: { dataset: 'MNIST', top1 },
  };
}

// LeNet-5 for 28x28 images.
import { relu } from '../engine/functional/activation.ts';
import { maxPool2d } from '../engine/functional/pooling.ts';
import { flatten } from '../engine/functional/shape.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Linear } from '../engine/nn/linear.ts';
import { Module } from '../engine/nn/module.ts';
import type { Tensor } from '../engine/tensor.ts';

export interface LeNet5Options {
  /** Default 10. */
  numClasses?: number;
  /** Default 1, grey. */
  inChannels?: number;
}

/**
 * LeNet-5: `[n, 1, 28, 28]` to logits `[n, 10]`, 61,706 parameters. LeCun, Bottou, Bengio and Haffner,
 * "Gradient-based learning applied to document recognition", Proc. IEEE 1998, https://doi.org/10.1109/5.726791.
 * What differs from the paper, as in every modern copy: ReLU for tanh, max pooling for trained subsampling, all six
 * maps seen by all sixteen, and a linear last layer with cross entropy for radial basis functions. Padding of 2 in the
 * first layer stands for the paper's 32x32 images.
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
    let y = maxPool2d(relu(this.conv1.call(x)), 2); // [n, 6, 14, 14]
    y = maxPool2d(relu(this.conv2.call(y)), 2); // [n, 16, 5, 5]
    y = relu(this.fc1.call(flatten(y, 1))); // [n, 120]
    y = relu(this.fc2.call(y)); // [n, 84]
    return this.fc3.call(y); // [n, numClasses]
  }
}

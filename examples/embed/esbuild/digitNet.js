// A small network of the application's own, with its own activation.
import { maxPool2d } from 'wgrad';
import { Conv2d, Linear, Module } from 'wgrad/nn';
import { mish } from './mish.js';

export class DigitNet extends Module {
  conv1 = new Conv2d(1, 8, 5, { padding: 2 });
  conv2 = new Conv2d(8, 16, 3, { padding: 1 });
  fc = new Linear(16 * 7 * 7, 10);

  forward(x) {
    let y = maxPool2d(mish(this.conv1.call(x)), 2); // [n, 8, 14, 14]
    y = maxPool2d(mish(this.conv2.call(y)), 2); // [n, 16, 7, 7]
    return this.fc.call(y.flatten(1)); // [n, 10]
  }
}

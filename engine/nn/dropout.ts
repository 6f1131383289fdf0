// Dropout.
import { dropout } from '../functional/random.ts';
import type { Tensor } from '../tensor.ts';
import { Module } from './module.ts';
import { pythonFloat } from './pythonText.ts';

/**
 * In training sets each value to 0 with probability `p` and scales the rest by 1 / (1 − p); does nothing in inference.
 * The device's random state decides which. https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    this.p = p;
  }

  protected override forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training });
  }

  override extraRepr(): string {
    return `p=${pythonFloat(this.p)}, inplace=False`;
  }
}

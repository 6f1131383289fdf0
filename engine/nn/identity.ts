// Nothing.
import type { Tensor } from '../tensor.ts';
import { Module } from './module.ts';

/** Returns its input: what a removed layer is replaced by. https://pytorch.org/docs/stable/generated/torch.nn.Identity.html */
export class Identity extends Module {
  protected override forward(x: Tensor): Tensor {
    return x;
  }
}

// Merges dimensions; the step between convolutions and linear layers.
import { flatten } from '../functional/shape.ts';
import type { Tensor } from '../tensor.ts';
import { Module } from './module.ts';

/**
 * Merges the dimensions `startDim` to `endDim` (negative: from the end) in logical row-major order, so that
 * `[n, c, h, w]` becomes `[n, c·h·w]`. https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  protected override forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

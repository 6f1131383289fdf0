// Local response normalisation, as AlexNet and GoogLeNet use it.
import { localResponseNorm } from '../functional/normalization.ts';
import type { Tensor } from '../tensor.ts';
import { Module } from './module.ts';
import { pythonFloat } from './pythonText.ts';

/**
 * Divides each value of `[n, c, h, w]` by `(k + alpha / size · sum of squares over size neighbouring channels)^beta`.
 * Krizhevsky, Sutskever and Hinton 2012. https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: { alpha?: number; beta?: number; k?: number } = {}) {
    super();
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  protected override forward(x: Tensor): Tensor {
    const { alpha, beta, k } = this;
    return localResponseNorm(x, this.size, { alpha, beta, k });
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${pythonFloat(this.alpha)}, beta=${pythonFloat(this.beta)}, k=${pythonFloat(this.k)}`;
  }
}

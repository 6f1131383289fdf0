// The loss of classifiers, as a module.
import { crossEntropy } from '../functional/loss.ts';
import type { Tensor } from '../tensor.ts';
import { Module } from './module.ts';

/**
 * Mean cross entropy of logits `[n, classes]` against integer labels `[n]` (uint32 or int32): a scalar.
 * `labelSmoothing` in 0 … 1 mixes the labels with the uniform distribution; default 0.
 * https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends Module {
  readonly labelSmoothing: number;

  constructor({ labelSmoothing = 0 }: { labelSmoothing?: number } = {}) {
    super();
    this.labelSmoothing = labelSmoothing;
  }

  protected override forward(logits: Tensor, labels: Tensor): Tensor {
    return crossEntropy(logits, labels, { labelSmoothing: this.labelSmoothing });
  }
}

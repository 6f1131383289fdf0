// Affine map of the last dimension.
import { linear } from '../functional/linear.ts';
import type { Tensor } from '../tensor.ts';
import { biasFor } from './conv2d.ts';
import { kaimingUniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { pythonBool } from './pythonText.ts';

/**
 * `y = x weightᵀ + bias`: `[…, inFeatures]` to `[…, outFeatures]`. Weights are `[outFeatures, inFeatures]`; they and the
 * bias start uniform in ±1 / sqrt(inFeatures). https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, { bias = true }: { bias?: boolean } = {}) {
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const weight = new Parameter([outFeatures, inFeatures], { layout: 'linearWeight' });
    this.weight = kaimingUniform(weight, { a: Math.sqrt(5) });
    this.bias = bias ? biasFor(weight) : null;
  }

  protected override forward(x: Tensor): Tensor {
    return this.map(x);
  }

  /** Forward, rectified at once if wanted. */
  map(x: Tensor, { relu = false }: { relu?: boolean } = {}): Tensor {
    return linear(x, this.weight, this.bias ?? undefined, { relu });
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${pythonBool(this.bias !== null)}`;
  }
}

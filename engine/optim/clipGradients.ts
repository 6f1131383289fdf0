// Gradient clipping on the GPU, between `backward()` and `step()`.

import { clipToNorm } from '../../kernels/clipToNorm/clipToNorm.ts';
import { clipToValue } from '../../kernels/clipToValue/clipToValue.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { gradientNorm } from '../../kernels/gradientNorm/gradientNorm.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';
import { gradientRuns } from './gradientRuns.ts';

/**
 * Scales all gradients by one factor so that their common Euclidean norm is at most `maxNorm`; parameters without a
 * gradient do not count. Returns the norm before, a scalar; nothing waits for the GPU unless it is read.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @throws ShapeError when no parameter has a gradient, or maxNorm is negative
 */
export function clipGradNorm(parameters: readonly Tensor[], maxNorm: number): Tensor {
  const [first] = parameters.filter(({ grad }) => grad);
  if (!first) throw new ShapeError('clipGradNorm: no parameter has a gradient; call backward() first');
  return first.device.tidy(() =>
    first.device.noGrad(() => {
      const runs = gradientRuns(parameters);
      const norm = apply(gradientNorm, Object.fromEntries(runs.map((run, i) => [`x${i}`, run])), {}).y;
      for (const gradients of runs) apply(clipToNorm, { gradients, norm }, { maxNorm });
      return norm;
    }),
  );
}

/**
 * Clamps every gradient to ±`clipValue`.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 * @throws ShapeError when clipValue is negative
 */
export function clipGradValue(parameters: readonly Tensor[], clipValue: number): void {
  const [first] = parameters.filter(({ grad }) => grad);
  first?.device.tidy(() => {
    for (const gradients of gradientRuns(parameters)) apply(clipToValue, { gradients }, { limit: clipValue });
  });
}

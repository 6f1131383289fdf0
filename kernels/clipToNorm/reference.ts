// The scaling of torch.nn.utils.clip_grad_norm_ in float64: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { ClipToNormOptions } from './clipToNorm.ts';

export const reference: Reference<ClipToNormOptions> = {
  forward({ gradients, norm }, { maxNorm }) {
    const factor = Math.min(maxNorm / (norm.data[0] + 1e-6), 1);
    return { gradients: map(gradients, (gradient) => gradient * factor) };
  },
};

// torch.nn.utils.clip_grad_value_ in float64: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { ClipToValueOptions } from './clipToValue.ts';

export const reference: Reference<ClipToValueOptions> = {
  forward({ gradients }, { limit }) {
    return { gradients: map(gradients, (gradient) => Math.min(Math.max(gradient, -limit), limit)) };
  },
};

// torch.amp.GradScaler.unscale_ in float64: the specification.
// https://pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.unscale_
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { UnscaleOptions } from './unscale.ts';

export const reference: Reference<UnscaleOptions> = {
  forward({ gradients, found }, { factor }) {
    const allFinite = gradients.data.every(Number.isFinite);
    return {
      gradients: map(gradients, (gradient) => gradient * factor),
      found: map(found, (before) => (allFinite ? before : 1)),
    };
  },
};

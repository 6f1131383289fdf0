// torch.add, torch.mul and their kin with a number for the second operand:
// https://pytorch.org/docs/stable/generated/torch.mul.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { AffineOptions } from './affine.ts';

export const reference: Reference<AffineOptions> = {
  forward: ({ x }, { scale = 1, shift = 0 }) => ({ y: map(x, (value) => scale * value + shift) }),
  backward: (_inputs, _outputs, dy, { scale = 1 }) => ({ x: map(dy, (gradient) => scale * gradient) }),
};

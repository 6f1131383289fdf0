// torch.Tensor.add_: https://pytorch.org/docs/stable/generated/torch.Tensor.add_.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward: ({ target, x }) => ({ target: map(target, (value, i) => value + x.data[i]) }),
};

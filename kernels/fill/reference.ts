// torch.Tensor.fill_: https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { FillOptions } from './fill.ts';

export const reference: Reference<FillOptions> = {
  forward: ({ target }, { value }) => ({ target: map(target, () => value) }),
};

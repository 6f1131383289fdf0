// https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward: ({ x }) => ({ y: map(x, (value) => Math.max(value, 0)) }),
  backward: ({ x }, _, dy) => ({ x: map(dy, (gradient, i) => (x.data[i] <= 0 ? 0 : gradient)) }),
};

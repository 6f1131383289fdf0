// https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward: ({ x }) => ({ y: map(x, (value) => 1 / (1 + Math.exp(-value))) }),
  backward: (_, { y }, dy) => ({ x: map(dy, (gradient, i) => gradient * y.data[i] * (1 - y.data[i])) }),
};

// https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward: ({ x }) => ({ y: map(x, Math.tanh) }),
  backward: (_, { y }, dy) => ({ x: map(dy, (gradient, i) => gradient * (1 - y.data[i] ** 2)) }),
};

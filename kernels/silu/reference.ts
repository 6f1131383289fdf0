// https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward: ({ x }) => ({ y: map(x, (value) => value * sigmoid(value)) }),

  backward: ({ x }, _, dy) => ({
    x: map(dy, (gradient, i) => {
      const s = sigmoid(x.data[i]);
      return gradient * s * (1 + x.data[i] * (1 - s));
    }),
  }),
};

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

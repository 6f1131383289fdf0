// https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { LeakyReluOptions } from './leakyRelu.ts';

export const reference: Reference<LeakyReluOptions> = {
  forward: ({ x }, { negativeSlope = 0.01 }) => ({ y: map(x, (value) => (value > 0 ? value : negativeSlope * value)) }),

  backward: ({ x }, _, dy, { negativeSlope = 0.01 }) => ({
    x: map(dy, (gradient, i) => (x.data[i] > 0 ? gradient : negativeSlope * gradient)),
  }),
};

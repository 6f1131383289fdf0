// Means in float64, naive: the specification. https://pytorch.org/docs/stable/generated/torch.mean.html
import { map } from '../ndarray.ts';
import type { ReduceOptions } from '../reduce/dims.ts';
import type { Reference } from '../reference.ts';
import { reference as sum } from '../sum/reference.ts';

export const reference: Reference<ReduceOptions> = {
  forward({ x }, options) {
    const { y } = sum.forward({ x }, options);
    const terms = x.data.length / y.data.length;
    return { y: map(y, (total) => total / terms) };
  },

  backward({ x }, { y }, dy, options) {
    const terms = x.data.length / y.data.length;
    return sum.backward!(
      { x },
      { y },
      map(dy, (gradient) => gradient / terms),
      options,
    );
  },
};

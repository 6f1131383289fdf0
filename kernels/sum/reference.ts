// Sums in float64, naive: the specification. https://pytorch.org/docs/stable/generated/torch.sum.html
import { zeros } from '../ndarray.ts';
import type { ReduceOptions } from '../reduce/dims.ts';
import { placesOf, reducedShape } from '../reduce/places.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<ReduceOptions> = {
  forward({ x }, options) {
    const y = zeros(reducedShape(x.shape, options));
    const { output } = placesOf(x.shape, options);
    for (let i = 0; i < x.data.length; i++) y.data[output[i]] += x.data[i];
    return { y };
  },

  backward({ x }, _outputs, dy, options) {
    const dx = zeros(x.shape);
    const { output } = placesOf(x.shape, options);
    for (let i = 0; i < x.data.length; i++) dx.data[i] = dy.data[output[i]];
    return { x: dx };
  },
};

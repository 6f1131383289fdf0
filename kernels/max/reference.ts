// Maxima, naive: the specification. https://pytorch.org/docs/stable/generated/torch.max.html
import { zeros } from '../ndarray.ts';
import type { ReduceOptions } from '../reduce/dims.ts';
import { placesOf, reducedShape } from '../reduce/places.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<ReduceOptions> = {
  forward({ x }, options) {
    const shape = reducedShape(x.shape, options);
    const y = zeros(shape);
    const indices = zeros(shape);
    indices.data.fill(-1);
    const { output, position } = placesOf(x.shape, options);
    for (let i = 0; i < x.data.length; i++) {
      const value = x.data[i];
      const to = output[i];
      const larger = value > y.data[to] || (Number.isNaN(value) && !Number.isNaN(y.data[to]));
      if (indices.data[to] < 0 || larger) {
        y.data[to] = value;
        indices.data[to] = position[i];
      }
    }
    return { y, indices };
  },

  backward({ x }, { indices }, dy, options) {
    const dx = zeros(x.shape);
    const { output, position } = placesOf(x.shape, options);
    for (let i = 0; i < x.data.length; i++) {
      if (indices.data[output[i]] === position[i]) dx.data[i] = dy.data[output[i]];
    }
    return { x: dx };
  },
};

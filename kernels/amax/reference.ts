// Maxima with shared gradients, naive: the specification. https://pytorch.org/docs/stable/generated/torch.amax.html
import { zeros } from '../ndarray.ts';
import type { ReduceOptions } from '../reduce/dims.ts';
import { placesOf, reducedShape } from '../reduce/places.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<ReduceOptions> = {
  forward({ x }, options) {
    const shape = reducedShape(x.shape, options);
    const y = zeros(shape);
    const counts = zeros(shape);
    const { output } = placesOf(x.shape, options);
    for (let i = 0; i < x.data.length; i++) {
      const value = x.data[i];
      const to = output[i];
      const larger = value > y.data[to] || (Number.isNaN(value) && !Number.isNaN(y.data[to]));
      if (counts.data[to] === 0 || larger) {
        y.data[to] = value;
        counts.data[to] = 1;
      } else if (isEqual(value, y.data[to])) counts.data[to]++;
    }
    return { y, counts };
  },

  backward({ x }, { y, counts }, dy, options) {
    const dx = zeros(x.shape);
    const { output } = placesOf(x.shape, options);
    for (let i = 0; i < x.data.length; i++) {
      const from = output[i];
      if (isEqual(x.data[i], y.data[from])) dx.data[i] = dy.data[from] / counts.data[from];
    }
    return { x: dx };
  },
};

function isEqual(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

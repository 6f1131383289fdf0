// Softmax in float64, naive: the specification. https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
import { zeros } from '../ndarray.ts';
import { placesOf } from '../reduce/places.ts';
import type { Reference } from '../reference.ts';
import type { SoftmaxOptions } from './softmax.ts';

export const reference: Reference<SoftmaxOptions> = {
  forward({ x }, options) {
    const { output: row } = placesOf(x.shape, options);
    const y = zeros(x.shape);
    const largest = new Float64Array(x.data.length).fill(-Infinity);
    const total = new Float64Array(x.data.length);
    for (let i = 0; i < x.data.length; i++) largest[row[i]] = Math.max(largest[row[i]], x.data[i]);
    for (let i = 0; i < x.data.length; i++) total[row[i]] += Math.exp(x.data[i] - largest[row[i]]);
    for (let i = 0; i < x.data.length; i++) y.data[i] = Math.exp(x.data[i] - largest[row[i]]) / total[row[i]];
    return { y };
  },

  backward({ x }, { y }, dy, options) {
    const { output: row } = placesOf(x.shape, options);
    const dx = zeros(x.shape);
    const sum = new Float64Array(x.data.length);
    for (let i = 0; i < x.data.length; i++) sum[row[i]] += y.data[i] * dy.data[i];
    for (let i = 0; i < x.data.length; i++) dx.data[i] = y.data[i] * (dy.data[i] - sum[row[i]]);
    return { x: dx };
  },
};

// Naive: the specification. https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
import { zeros } from '../ndarray.ts';
import { placesOf } from '../reduce/places.ts';
import type { Reference } from '../reference.ts';
import type { LogSoftmaxOptions } from './logSoftmax.ts';

export const reference: Reference<LogSoftmaxOptions> = {
  forward({ x }, options) {
    const { output: row } = placesOf(x.shape, options);
    const y = zeros(x.shape);
    const largest = new Float64Array(x.data.length).fill(-Infinity);
    const total = new Float64Array(x.data.length);
    for (let i = 0; i < x.data.length; i++) largest[row[i]] = Math.max(largest[row[i]], x.data[i]);
    for (let i = 0; i < x.data.length; i++) total[row[i]] += Math.exp(x.data[i] - largest[row[i]]);
    for (let i = 0; i < x.data.length; i++) y.data[i] = x.data[i] - largest[row[i]] - Math.log(total[row[i]]);
    return { y };
  },

  backward({ x }, { y }, dy, options) {
    const { output: row } = placesOf(x.shape, options);
    const dx = zeros(x.shape);
    const sum = new Float64Array(x.data.length);
    for (let i = 0; i < x.data.length; i++) sum[row[i]] += dy.data[i];
    for (let i = 0; i < x.data.length; i++) dx.data[i] = dy.data[i] - Math.exp(y.data[i]) * sum[row[i]];
    return { x: dx };
  },
};

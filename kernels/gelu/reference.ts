// https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
import { map } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { GeluOptions } from './gelu.ts';

const SLOPE = Math.sqrt(2 / Math.PI);

export const reference: Reference<GeluOptions> = {
  forward: ({ x }, { approximate = 'none' }) => ({
    y: map(x, (value) => value * (approximate === 'tanh' ? 0.5 * (1 + Math.tanh(inner(value))) : distribution(value))),
  }),

  backward: ({ x }, _, dy, { approximate = 'none' }) => ({
    x: map(dy, (gradient, i) => gradient * (approximate === 'tanh' ? slopeOfTanh(x.data[i]) : slope(x.data[i]))),
  }),
};

function slope(x: number): number {
  return distribution(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

function inner(x: number): number {
  return SLOPE * (x + 0.044715 * x ** 3);
}

function slopeOfTanh(x: number): number {
  const t = Math.tanh(inner(x));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SLOPE * (1 + 3 * 0.044715 * x * x);
}

/** P(X <= x): 0.5 + density(x) * (x + x³/3 + x⁵/(3·5) + …), whose terms share one sign, so nothing cancels. */
function distribution(x: number): number {
  if (Math.abs(x) > 12) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > Math.abs(sum) * 1e-17; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

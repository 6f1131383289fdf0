// https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
import type { Shape } from '../definition.ts';
import { zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { PadMode, PadOptions } from './pad.ts';

export const reference: Reference<PadOptions> = {
  forward({ x }, { padding, mode = 'constant', value = 0 }) {
    const y = zeros(x.shape.map((extent, d) => extent + before(x.shape, padding, d) + after(x.shape, padding, d)));
    for (let i = 0; i < y.data.length; i++) {
      const from = shownBy(i, x.shape, y.shape, padding, mode);
      y.data[i] = from < 0 ? value : x.data[from];
    }
    return { y };
  },

  backward({ x }, { y }, dy, { padding, mode = 'constant' }) {
    const dx = zeros(x.shape);
    for (let i = 0; i < y.data.length; i++) {
      const from = shownBy(i, x.shape, y.shape, padding, mode);
      if (from >= 0) dx.data[from] += dy.data[i];
    }
    return { x: dx };
  },
};

function before(shape: Shape, padding: readonly number[], d: number): number {
  return padding[2 * (shape.length - 1 - d)] ?? 0;
}

function after(shape: Shape, padding: readonly number[], d: number): number {
  return padding[2 * (shape.length - 1 - d) + 1] ?? 0;
}

/** The element of x that element i of y shows, -1 for none. */
function shownBy(i: number, x: Shape, y: Shape, padding: readonly number[], mode: PadMode): number {
  let rest = i;
  let result = 0;
  let stride = 1;
  for (let d = x.length - 1; d >= 0; d--) {
    let position = (rest % y[d]) - before(x, padding, d);
    rest = Math.floor(rest / y[d]);
    if (position < 0 || position >= x[d]) {
      if (mode === 'constant') return -1;
      if (mode === 'replicate') position = position < 0 ? 0 : x[d] - 1;
      else position = position < 0 ? -position : 2 * (x[d] - 1) - position;
    }
    result += position * stride;
    stride *= x[d];
  }
  return result;
}

// Broadcasting in float64, naive: an operand's missing or single extents repeat.
// https://pytorch.org/docs/stable/notes/broadcasting.html
import type { Shape } from '../definition.ts';
import { type NdArray, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import { broadcastShape } from './arithmetic.ts';

/** @param slopes the derivatives of f by x and by other */
export function arithmeticReference(
  f: (x: number, other: number) => number,
  slopes: (x: number, other: number) => readonly [byX: number, byOther: number],
): Reference<Record<string, never>> {
  return {
    forward({ x, other }) {
      const y = zeros(broadcastShape('reference', x.shape, other.shape));
      for (let i = 0; i < y.data.length; i++) y.data[i] = f(read(x, y.shape, i), read(other, y.shape, i));
      return { y };
    },

    backward({ x, other }, { y }, dy) {
      const dx = zeros(x.shape);
      const dother = zeros(other.shape);
      for (let i = 0; i < y.data.length; i++) {
        const [byX, byOther] = slopes(read(x, y.shape, i), read(other, y.shape, i));
        dx.data[offset(x.shape, y.shape, i)] += dy.data[i] * byX;
        dother.data[offset(other.shape, y.shape, i)] += dy.data[i] * byOther;
      }
      return { x: dx, other: dother };
    },
  };
}

function read(operand: NdArray, shape: Shape, index: number): number {
  return operand.data[offset(operand.shape, shape, index)];
}

/** Where the element `index` of the broadcast shape comes from in an operand. */
function offset(operand: Shape, shape: Shape, index: number): number {
  let rest = index;
  let result = 0;
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const i = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
    const extent = operand[d - shape.length + operand.length] ?? 1;
    if (extent !== 1) result += i * stride;
    stride *= extent;
  }
  return result;
}

// https://pytorch.org/docs/stable/generated/torch.cat.html
import type { Shape } from '../definition.ts';
import { type NdArray, type NdArrays, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { CatOptions } from './cat.ts';

export const reference: Reference<CatOptions> = {
  forward(inputs, { dim = 0 }) {
    const parts = partsOf(inputs);
    const along = dim < 0 ? dim + parts[0].shape.length : dim;
    const extent = parts.reduce((sum, { shape }) => sum + shape[along], 0);
    const y = zeros(parts[0].shape.map((e, d) => (d === along ? extent : e)));
    let start = 0;
    for (const { shape, data } of parts) {
      for (let i = 0; i < data.length; i++) y.data[place(i, shape, y.shape, along, start)] = data[i];
      start += shape[along];
    }
    return { y };
  },

  backward(inputs, { y }, dy, { dim = 0 }) {
    const along = dim < 0 ? dim + y.shape.length : dim;
    let start = 0;
    const gradients: Record<string, NdArray> = {};
    partsOf(inputs).forEach(({ shape }, n) => {
      const dx = zeros(shape);
      for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[place(i, shape, y.shape, along, start)];
      start += shape[along];
      gradients[`x${n}`] = dx;
    });
    return gradients;
  },
};

function partsOf(inputs: NdArrays): NdArray[] {
  return Object.keys(inputs).map((_, i) => inputs[`x${i}`]);
}

/** Where element i of a part that starts at `start` lies in the whole. */
function place(i: number, part: Shape, whole: Shape, along: number, start: number): number {
  const inner = part.slice(along + 1).reduce((product, extent) => product * extent, 1);
  const row = Math.floor(i / inner) % part[along];
  const outer = Math.floor(i / (inner * part[along]));
  return (outer * whole[along] + start + row) * inner + (i % inner);
}

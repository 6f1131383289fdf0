// The same logical tensor in another physical order. The engine puts it where a room asks for a layout; users meet it
// as `permute`, `flatten` and `reshape` of channels-last images.
import {
  flatGrid,
  launch,
  type Operation,
  type Order,
  type Plan,
  sizeOf,
  stridesOf,
  type TensorSpec,
} from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { show } from '../rank.ts';
import { shader } from './forward.wgsl.ts';

export interface ReorderOptions {
  /** The physical order of the result: logical dimensions, outermost first. */
  order: Order;
}

export const reorder: Operation<ReorderOptions> = {
  name: 'reorder',
  inputs: [{ name: 'x', layout: 'any' }],
  shaders: [shader],

  infer({ x }, { order }) {
    if (x.shape.length > 6) throw new ShapeError(`reorder: at most 6 dimensions, given ${show(x.shape)}`);
    return { y: { shape: x.shape, dtype: x.dtype, order } };
  },

  forward: ({ inputs, outputs }) => copy(inputs.x, outputs.y, { x: 'x', y: 'y' }),

  backward: ({ inputs, outputs }) => copy(outputs.y, inputs.x, { x: 'dy', y: 'dx' }),
};

function copy(from: TensorSpec, to: TensorSpec, bind: { x: string; y: string }): Plan {
  const strides = stridesOf(from);
  const missing = 6 - to.order.length;
  const rowElements = sizeOf(to.shape) / (to.shape[to.order[0]] ?? 1);
  const extent = (i: number) => (i < missing ? 1 : to.shape[to.order[i - missing]]);
  const stride = (i: number) => (i < missing ? 0 : strides[to.order[i - missing]]);
  return {
    launches: [
      launch(shader, {
        bind,
        // from an oversized x nothing can be cut, unless both agree on the outermost dimension
        axes: outermostAxis(from, to),
        params: ({ elements, rows }) => ({
          elements: rows ? rows.count * rowElements : elements.count,
          start: rows ? 0 : elements.start,
          extent1: extent(1),
          extent2: extent(2),
          extent3: extent(3),
          extent4: extent(4),
          extent5: extent(5),
          stride0: stride(0),
          stride1: stride(1),
          stride2: stride(2),
          stride3: stride(3),
          stride4: stride(4),
          stride5: stride(5),
        }),
        workgroups: ({ elements, rows }) => flatGrid(rows ? rows.count * rowElements : elements.count, 64),
      }),
    ],
  };
}

function outermostAxis(
  from: TensorSpec,
  to: TensorSpec,
): Record<string, { extent: number; slices: Record<string, number> }> {
  const elements = sizeOf(to.shape);
  const rows = to.shape[to.order[0]] ?? 1; // a scalar is one row
  return from.order[0] === to.order[0]
    ? { rows: { extent: rows, slices: { x: elements / rows, y: elements / rows } } }
    : { elements: { extent: elements, slices: { y: 1 } } };
}

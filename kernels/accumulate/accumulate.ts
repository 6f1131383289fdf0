// target += x in place, for two tensors of one shape and order. No gradient: it is what backward itself runs.
import { flatGrid, launch, type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { show } from '../rank.ts';
import { shader } from './forward.wgsl.ts';

export const accumulate: Operation<Record<string, never>> = {
  name: 'accumulate',
  inputs: [
    { name: 'target', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'x', layout: 'any', dtype: 'float32', differentiable: false },
  ],
  shaders: [shader],

  infer({ target, x }) {
    if (show(target.shape) !== show(x.shape) || show(target.order) !== show(x.order)) {
      throw new ShapeError(
        `accumulate: target ${show(target.shape)} and x ${show(x.shape)} must agree in shape and order`,
      );
    }
    return {};
  },

  forward({ inputs }) {
    return {
      launches: [
        launch(shader, {
          bind: { target_: 'target' },
          axes: { elements: { extent: sizeOf(inputs.x.shape), slices: { target_: 1, x: 1 } } },
          params: ({ elements }) => ({ elements: elements.count }),
          workgroups: ({ elements }) => flatGrid(elements.count, 64),
        }),
      ],
    };
  },
};

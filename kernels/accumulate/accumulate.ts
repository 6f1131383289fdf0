// target += x in place, for two tensors of one shape and order. No gradient: it is what backward itself runs.
import { type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { flatKernel, flatLaunch } from '../flatElements.ts';
import { show } from '../rank.ts';
import { shader } from './forward.wgsl.ts';

const kernel = flatKernel('accumulate/forward', [shader]);

export const accumulate: Operation<Record<string, never>> = {
  name: 'accumulate',
  inputs: [
    { name: 'target', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'x', layout: 'any', dtype: 'float32', differentiable: false },
  ],
  shaders: [kernel.scalar, kernel.vec4],

  infer({ target, x }) {
    if (show(target.shape) !== show(x.shape) || show(target.order) !== show(x.order)) {
      throw new ShapeError(
        `accumulate: target ${show(target.shape)} and x ${show(x.shape)} must agree in shape and order`,
      );
    }
    return {};
  },

  forward({ inputs, device }) {
    const elements = sizeOf(inputs.x.shape);
    return { launches: [flatLaunch(kernel, { elements, device }, {}, { bind: { target_: 'target' } })] };
  },
};

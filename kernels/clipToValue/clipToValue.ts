// Clamps gradients in place.
import { type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { flatKernel, flatLaunch } from '../flatElements.ts';
import { shader } from './forward.wgsl.ts';

export interface ClipToValueOptions {
  /** Largest absolute value that is left. */
  limit: number;
}

const kernel = flatKernel('clipToValue/forward', [shader]);

export const clipToValue: Operation<ClipToValueOptions> = {
  name: 'clipToValue',
  inputs: [{ name: 'gradients', layout: 'any', dtype: 'float32', differentiable: false, updated: true }],
  shaders: [kernel.scalar, kernel.vec4],

  infer(_, { limit }) {
    if (!(limit >= 0)) throw new ShapeError(`clipToValue: limit must be at least 0, given ${limit}`);
    return {};
  },

  forward({ inputs, device, options: { limit } }) {
    return { launches: [flatLaunch(kernel, { elements: sizeOf(inputs.gradients.shape), device }, { limit })] };
  },
};

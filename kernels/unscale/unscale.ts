// Takes a loss scale back out of gradients, in place, and tells whether any of them overflowed.
import { type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { flatLaunch } from '../flatElements.ts';
import { show } from '../rank.ts';
import { link } from '../shader.ts';
import { shader } from './forward.wgsl.ts';

export interface UnscaleOptions {
  /** One over the scale. */
  factor: number;
}

const kernel = {
  scalar: shader,
  vec4: link('unscale/forward vec4', [shader], { Element: 'vec4f', Bits: 'vec4u' }) as unknown as typeof shader,
};

export const unscale: Operation<UnscaleOptions> = {
  name: 'unscale',
  inputs: [
    { name: 'gradients', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    // set to 1 where a gradient is infinite or NaN, else left alone: several calls share it
    { name: 'found', layout: 'any', dtype: 'uint32', differentiable: false, updated: true },
  ],
  shaders: [kernel.scalar, kernel.vec4],

  infer({ found }) {
    if (sizeOf(found.shape) !== 1) throw new ShapeError(`unscale: found must be a scalar, given ${show(found.shape)}`);
    return {};
  },

  forward({ inputs, device, options: { factor } }) {
    const elements = sizeOf(inputs.gradients.shape);
    return { launches: [flatLaunch(kernel, { elements, device }, { factor }, { whole: ['found'] })] };
  },
};

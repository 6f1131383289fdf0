// Scales gradients in place so that their common norm is at most `maxNorm`.
import { type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { flatKernel, flatLaunch } from '../flatElements.ts';
import { show } from '../rank.ts';
import { shader } from './forward.wgsl.ts';

export interface ClipToNormOptions {
  maxNorm: number;
}

const kernel = flatKernel('clipToNorm/forward', [shader]);

export const clipToNorm: Operation<ClipToNormOptions> = {
  name: 'clipToNorm',
  inputs: [
    { name: 'gradients', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'norm', layout: 'any', dtype: 'float32', differentiable: false },
  ],
  shaders: [kernel.scalar, kernel.vec4],

  infer({ norm }, { maxNorm }) {
    if (sizeOf(norm.shape) !== 1) throw new ShapeError(`clipToNorm: norm must be a scalar, given ${show(norm.shape)}`);
    if (!(maxNorm >= 0)) throw new ShapeError(`clipToNorm: maxNorm must be at least 0, given ${maxNorm}`);
    return {};
  },

  forward({ inputs, device, options: { maxNorm } }) {
    const elements = sizeOf(inputs.gradients.shape);
    return { launches: [flatLaunch(kernel, { elements, device }, { maxNorm }, { whole: ['norm'] })] };
  },
};

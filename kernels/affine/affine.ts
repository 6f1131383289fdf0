// scale * x + shift with two numbers: what add, sub, mul and div of a tensor and a number become.
import type { Operation } from '../definition.ts';
import { forwardShaders, mapLaunch } from '../elementwise/map.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as paramsFile } from './params.wgsl.ts';

export interface AffineOptions {
  /** Default 1. */
  scale?: number;
  /** Default 0. */
  shift?: number;
}

const shaders = forwardShaders('affine/forward', [forwardFile], paramsFile);

export const affine: Operation<AffineOptions> = {
  name: 'affine',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [shaders.scalar, shaders.vec4],
  infer: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype, order: x.order } }),

  forward: ({ inputs, device, options: { scale = 1, shift = 0 } }) => ({
    launches: [mapLaunch(shaders, { x: inputs.x, device }, {}, { scale, shift })],
  }),

  backward: ({ inputs, device, options: { scale = 1 } }) => ({
    launches: [mapLaunch(shaders, { x: inputs.x, device }, { x: 'dy', y: 'dx' }, { scale, shift: 0 })],
  }),
};

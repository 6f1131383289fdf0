// Between float32 and float16. The gradient comes back in the dtype of what was cast.
import type { Operation } from '../definition.ts';
import { forwardShaders, mapLaunch } from '../elementwise/map.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface CastOptions {
  dtype: 'float32' | 'float16';
}

const shaders = forwardShaders('cast/forward', [forwardFile]);

export const cast: Operation<CastOptions> = {
  name: 'cast',
  result: 'inferred',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [shaders.scalar, shaders.vec4],
  infer: ({ x: { shape, order } }, { dtype }) => ({ y: { shape, dtype, order } }),
  forward: ({ inputs: { x }, device }) => ({ launches: [mapLaunch(shaders, { x, device }, {})] }),
  backward: ({ inputs: { x }, device }) => ({ launches: [mapLaunch(shaders, { x, device }, { x: 'dy', y: 'dx' })] }),
};

// The hyperbolic tangent, stable for any argument and exact near zero. Its derivative is 1 - y².
import { backwardShaders, forwardShaders, mapOperation } from '../elementwise/map.ts';
import { shader as tanhFile } from '../elementwise/tanh.wgsl.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

const shaders = {
  forward: forwardShaders('tanh/forward', [tanhFile, forwardFile]),
  backward: backwardShaders('tanh/backward', [backwardFile]),
};

export const tanh = mapOperation<Record<string, never>>({
  name: 'tanh',
  saves: 'y',
  variants: [shaders],
  shadersFor: () => shaders,
});

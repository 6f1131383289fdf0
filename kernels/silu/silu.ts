// The sigmoid linear unit x * sigmoid(x), also called swish.
import { backwardShaders, forwardShaders, mapOperation } from '../elementwise/map.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

const shaders = {
  forward: forwardShaders('silu/forward', [forwardFile]),
  backward: backwardShaders('silu/backward', [backwardFile]),
};

export const silu = mapOperation<Record<string, never>>({
  name: 'silu',
  saves: 'x',
  variants: [shaders],
  shadersFor: () => shaders,
});

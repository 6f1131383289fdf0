// The logistic function 1 / (1 + e^-x), stable for any argument. Its derivative is y (1 - y).
import { backwardShaders, forwardShaders, mapOperation } from '../elementwise/map.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

const shaders = {
  forward: forwardShaders('sigmoid/forward', [forwardFile]),
  backward: backwardShaders('sigmoid/backward', [backwardFile]),
};

export const sigmoid = mapOperation<Record<string, never>>({
  name: 'sigmoid',
  saves: 'y',
  variants: [shaders],
  shadersFor: () => shaders,
});

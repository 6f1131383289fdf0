// The leaky rectifier: x above zero, negativeSlope * x below; the gradient at zero is the slope, as in PyTorch.
import { backwardShaders, forwardShaders, mapOperation } from '../elementwise/map.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as paramsFile } from './params.wgsl.ts';

export interface LeakyReluOptions {
  /** Default 0.01. */
  negativeSlope?: number;
}

const shaders = {
  forward: forwardShaders('leakyRelu/forward', [forwardFile], paramsFile),
  backward: backwardShaders('leakyRelu/backward', [backwardFile], paramsFile),
};

export const leakyRelu = mapOperation<LeakyReluOptions>({
  name: 'leakyRelu',
  saves: 'x',
  variants: [shaders],
  shadersFor: () => shaders,
  paramsOf: ({ negativeSlope = 0.01 }) => ({ negativeSlope }),
});

// The Gaussian error linear unit x * P(X <= x), exact or with PyTorch's tanh approximation.
import { backwardShaders, forwardShaders, mapOperation } from '../elementwise/map.ts';
import { shader as normalFile } from '../elementwise/normalDistribution.wgsl.ts';
import { shader as tanhFile } from '../elementwise/tanh.wgsl.ts';
import { ShapeError } from '../errors.ts';
import { shader as backwardTanhFile } from './backward.tanh.wgsl.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardTanhFile } from './forward.tanh.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface GeluOptions {
  /** `none` (default) is exact to float32. */
  approximate?: 'none' | 'tanh';
}

const shaders = {
  none: {
    forward: forwardShaders('gelu/forward', [normalFile, forwardFile]),
    backward: backwardShaders('gelu/backward', [normalFile, backwardFile]),
  },
  tanh: {
    forward: forwardShaders('gelu/forward.tanh', [tanhFile, forwardTanhFile]),
    backward: backwardShaders('gelu/backward.tanh', [tanhFile, backwardTanhFile]),
  },
};

export const gelu = mapOperation<GeluOptions>({
  name: 'gelu',
  saves: 'x',
  variants: [shaders.none, shaders.tanh],
  shadersFor: ({ approximate = 'none' }) => {
    if (!Object.hasOwn(shaders, approximate)) {
      throw new ShapeError(`gelu: approximate must be 'none' or 'tanh', given '${approximate}'`);
    }
    return shaders[approximate];
  },
});

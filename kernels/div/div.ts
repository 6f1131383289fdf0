// x / other with broadcasting. Gradients are dy / other and -dy x / other², summed over repeated dimensions.
import { arithmeticOperation } from '../elementwise/arithmetic.ts';
import { termShaders } from '../elementwise/broadcast.ts';
import { shader as backwardOtherFile } from './backward.other.wgsl.ts';
import { shader as backwardXFile } from './backward.x.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export const div = arithmeticOperation({
  name: 'div',
  forward: termShaders('div/forward', forwardFile, ['vv', 'vf', 'fv']),
  backward: {
    x: { shaders: termShaders('div/backward.x', backwardXFile, ['vv', 'vf']), sources: ['dy', 'other'] },
    other: {
      shaders: termShaders('div/backward.other', backwardOtherFile, ['vvv', 'vfv']),
      sources: ['dy', 'x', 'other'],
    },
  },
});

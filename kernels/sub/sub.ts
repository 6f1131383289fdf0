// x - other with broadcasting. Gradients are dy and -dy, summed over repeated dimensions; nothing is saved.
import { arithmeticOperation } from '../elementwise/arithmetic.ts';
import { termShaders } from '../elementwise/broadcast.ts';
import { shader as identityFile } from '../elementwise/identity.wgsl.ts';
import { shader as backwardOtherFile } from './backward.other.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export const sub = arithmeticOperation({
  name: 'sub',
  forward: termShaders('sub/forward', forwardFile, ['vv', 'vf', 'fv']),
  backward: {
    x: { shaders: termShaders('sub/backward.x', identityFile, ['v']), sources: ['dy'] },
    other: { shaders: termShaders('sub/backward.other', backwardOtherFile, ['v']), sources: ['dy'] },
  },
});

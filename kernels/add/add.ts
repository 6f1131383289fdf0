// x + other with broadcasting. Gradients are dy, summed over repeated dimensions; nothing is saved.
import { arithmeticOperation, type GradientTerm } from '../elementwise/arithmetic.ts';
import { termShaders } from '../elementwise/broadcast.ts';
import { shader as identityFile } from '../elementwise/identity.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

const gradient: GradientTerm = { shaders: termShaders('add/backward', identityFile, ['v']), sources: ['dy'] };

export const add = arithmeticOperation({
  name: 'add',
  forward: termShaders('add/forward', forwardFile, ['vv', 'vf', 'fv']),
  backward: { x: gradient, other: gradient },
});

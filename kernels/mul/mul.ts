// x * other with broadcasting. Each gradient is dy times the other factor, summed over repeated dimensions.
import { arithmeticOperation } from '../elementwise/arithmetic.ts';
import { termShaders } from '../elementwise/broadcast.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

const gradient = termShaders('mul/backward', backwardFile, ['vv', 'vf']);

export const mul = arithmeticOperation({
  name: 'mul',
  forward: termShaders('mul/forward', forwardFile, ['vv', 'vf', 'fv']),
  backward: { x: { shaders: gradient, sources: ['dy', 'other'] }, other: { shaders: gradient, sources: ['dy', 'x'] } },
});

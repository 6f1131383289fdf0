// RMSprop, in place: one step for any number of parameters in one flat arena.

import { checkArenas } from '../checkArenas.ts';
import { type Operation, sizeOf } from '../definition.ts';
import { flatKernel, flatLaunch } from '../flatElements.ts';
import { shader as centeredFile } from './centered.wgsl.ts';
import { shader as core } from './forward.wgsl.ts';
import { shader as momentumFile } from './momentum.wgsl.ts';
import { shader as plainFile } from './plain.wgsl.ts';
import { shader as uncenteredFile } from './uncentered.wgsl.ts';

export interface RmspropOptions {
  lr: number;
  /** Share of the old mean square that is kept. */
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  maximize: boolean;
}

const kernels = {
  plain: flatKernel('rmsprop/plain', [core, uncenteredFile, plainFile]),
  momentum: flatKernel('rmsprop/momentum', [core, uncenteredFile, momentumFile]),
  centered: flatKernel('rmsprop/centered', [core, centeredFile, plainFile]),
  centeredMomentum: flatKernel('rmsprop/centered momentum', [core, centeredFile, momentumFile]),
};

export const rmsprop: Operation<RmspropOptions> = {
  name: 'rmsprop',
  inputs: [
    { name: 'parameters', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'gradients', layout: 'any', dtype: 'float32', differentiable: false },
    { name: 'squareAvg', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    // absent: the mean of the gradient is not taken off
    { name: 'gradAvg', layout: 'any', dtype: 'float32', differentiable: false, updated: true, optional: true },
    // absent: no momentum
    { name: 'momentumBuffer', layout: 'any', dtype: 'float32', differentiable: false, updated: true, optional: true },
  ],
  shaders: Object.values(kernels).flatMap(({ scalar, vec4 }) => [scalar, vec4]),

  infer(inputs) {
    checkArenas('rmsprop', inputs);
    return {};
  },

  forward({ inputs, device, options: { lr, alpha, eps, weightDecay, momentum, maximize } }) {
    const kernel = inputs.gradAvg
      ? kernels[inputs.momentumBuffer ? 'centeredMomentum' : 'centered']
      : kernels[inputs.momentumBuffer ? 'momentum' : 'plain'];
    return {
      launches: [
        flatLaunch(
          kernel,
          { elements: sizeOf(inputs.parameters.shape), device },
          {
            learningRate: lr,
            weightDecay,
            sign: maximize ? -1 : 1,
            alpha,
            newValue: 1 - alpha,
            eps,
            momentum,
          },
        ),
      ],
    };
  },
};

// Stochastic gradient descent with momentum, in place: one step for any number of parameters in one flat arena.

import { checkArenas } from '../checkArenas.ts';
import { type Operation, sizeOf } from '../definition.ts';
import { flatKernel, flatLaunch } from '../flatElements.ts';
import { shader as core } from './forward.wgsl.ts';
import { shader as momentumFile } from './momentum.wgsl.ts';
import { shader as plainFile } from './plain.wgsl.ts';

export interface SgdOptions {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
  /** The first step of these parameters, which sets the momentum buffer instead of updating it. */
  first: boolean;
}

const plain = flatKernel('sgd/plain', [core, plainFile]);
const withMomentum = flatKernel('sgd/momentum', [core, momentumFile]);

export const sgd: Operation<SgdOptions> = {
  name: 'sgd',
  inputs: [
    { name: 'parameters', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'gradients', layout: 'any', dtype: 'float32', differentiable: false },
    // absent: no momentum
    { name: 'momentumBuffer', layout: 'any', dtype: 'float32', differentiable: false, updated: true, optional: true },
  ],
  shaders: [plain.scalar, plain.vec4, withMomentum.scalar, withMomentum.vec4],

  infer(inputs) {
    checkArenas('sgd', inputs);
    return {};
  },

  forward({ inputs, device, options: { lr, momentum, dampening, weightDecay, nesterov, maximize, first } }) {
    return {
      launches: [
        flatLaunch(
          inputs.momentumBuffer ? withMomentum : plain,
          { elements: sizeOf(inputs.parameters.shape), device },
          {
            learningRate: lr,
            weightDecay,
            sign: maximize ? -1 : 1,
            momentum,
            keptGradient: 1 - dampening,
            first: Number(first),
            nesterov: Number(nesterov),
          },
        ),
      ],
    };
  },
};

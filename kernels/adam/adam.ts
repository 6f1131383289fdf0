// Adam and AdamW, in place: one step for any number of parameters in one flat arena.

import { checkArenas } from '../checkArenas.ts';
import { type Operation, sizeOf } from '../definition.ts';
import { flatKernel, flatLaunch } from '../flatElements.ts';
import { shader } from './forward.wgsl.ts';

export interface AdamOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** AdamW: weight decay shrinks the parameter itself, not through the gradient. */
  decoupled: boolean;
  maximize: boolean;
  /** Steps of these parameters, this one included. */
  step: number;
}

const update = flatKernel('adam/forward', [shader]);

export const adam: Operation<AdamOptions> = {
  name: 'adam',
  inputs: [
    { name: 'parameters', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'gradients', layout: 'any', dtype: 'float32', differentiable: false },
    { name: 'expAvg', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
    { name: 'expAvgSq', layout: 'any', dtype: 'float32', differentiable: false, updated: true },
  ],
  shaders: [update.scalar, update.vec4],

  infer(inputs) {
    checkArenas('adam', inputs);
    return {};
  },

  forward({ inputs, device, options: { lr, betas, eps, weightDecay, decoupled, maximize, step } }) {
    const [beta1, beta2] = betas;
    return {
      launches: [
        flatLaunch(
          update,
          { elements: sizeOf(inputs.parameters.shape), device },
          {
            sign: maximize ? -1 : 1,
            coupledDecay: decoupled ? 0 : weightDecay,
            keptParameter: decoupled ? 1 - lr * weightDecay : 1,
            beta1,
            newGradient: 1 - beta1,
            beta2,
            newSquare: 1 - beta2,
            stepSize: lr / (1 - beta1 ** step),
            rootCorrection: 1 / Math.sqrt(1 - beta2 ** step),
            eps,
          },
        ),
      ],
    };
  },
};

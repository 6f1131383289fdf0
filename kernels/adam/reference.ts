// PyTorch's Adam and AdamW in float64: the specification. Kingma and Ba 2015, Loshchilov and Hutter 2019.
// https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
// https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
import { ndarray } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { AdamOptions } from './adam.ts';

export const reference: Reference<AdamOptions> = {
  forward(inputs, { lr, betas: [beta1, beta2], eps, weightDecay, decoupled, maximize, step }) {
    const parameters = ndarray(inputs.parameters.shape, inputs.parameters.data);
    const expAvg = ndarray(inputs.expAvg.shape, inputs.expAvg.data);
    const expAvgSq = ndarray(inputs.expAvgSq.shape, inputs.expAvgSq.data);
    for (let i = 0; i < parameters.data.length; i++) {
      let gradient = maximize ? -inputs.gradients.data[i] : inputs.gradients.data[i];
      if (decoupled) parameters.data[i] *= 1 - lr * weightDecay;
      else gradient += weightDecay * parameters.data[i];
      expAvg.data[i] = beta1 * expAvg.data[i] + (1 - beta1) * gradient;
      expAvgSq.data[i] = beta2 * expAvgSq.data[i] + (1 - beta2) * gradient ** 2;
      const mean = expAvg.data[i] / (1 - beta1 ** step);
      const variance = expAvgSq.data[i] / (1 - beta2 ** step);
      parameters.data[i] -= (lr * mean) / (Math.sqrt(variance) + eps);
    }
    return { parameters, expAvg, expAvgSq };
  },
};

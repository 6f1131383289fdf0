// PyTorch's SGD in float64: the specification. https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
import { ndarray } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { SgdOptions } from './sgd.ts';

export const reference: Reference<SgdOptions> = {
  forward(inputs, { lr, momentum, dampening, weightDecay, nesterov, maximize, first }) {
    const parameters = ndarray(inputs.parameters.shape, inputs.parameters.data);
    const momentumBuffer = inputs.momentumBuffer && ndarray(inputs.momentumBuffer.shape, inputs.momentumBuffer.data);
    for (let i = 0; i < parameters.data.length; i++) {
      let gradient = maximize ? -inputs.gradients.data[i] : inputs.gradients.data[i];
      gradient += weightDecay * parameters.data[i];
      if (momentumBuffer) {
        const velocity = first ? gradient : momentum * momentumBuffer.data[i] + (1 - dampening) * gradient;
        momentumBuffer.data[i] = velocity;
        gradient = nesterov ? gradient + momentum * velocity : velocity;
      }
      parameters.data[i] -= lr * gradient;
    }
    return { parameters, ...(momentumBuffer && { momentumBuffer }) };
  },
};

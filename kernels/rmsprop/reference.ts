// PyTorch's RMSprop in float64: the specification. https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
import { ndarray } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { RmspropOptions } from './rmsprop.ts';

export const reference: Reference<RmspropOptions> = {
  forward(inputs, { lr, alpha, eps, weightDecay, momentum, maximize }) {
    const parameters = ndarray(inputs.parameters.shape, inputs.parameters.data);
    const squareAvg = ndarray(inputs.squareAvg.shape, inputs.squareAvg.data);
    const gradAvg = inputs.gradAvg && ndarray(inputs.gradAvg.shape, inputs.gradAvg.data);
    const momentumBuffer = inputs.momentumBuffer && ndarray(inputs.momentumBuffer.shape, inputs.momentumBuffer.data);
    for (let i = 0; i < parameters.data.length; i++) {
      const gradient =
        (maximize ? -inputs.gradients.data[i] : inputs.gradients.data[i]) + weightDecay * parameters.data[i];
      squareAvg.data[i] = alpha * squareAvg.data[i] + (1 - alpha) * gradient ** 2;
      let variance = squareAvg.data[i];
      if (gradAvg) {
        gradAvg.data[i] = alpha * gradAvg.data[i] + (1 - alpha) * gradient;
        variance = Math.max(variance - gradAvg.data[i] ** 2, 0);
      }
      let direction = gradient / (Math.sqrt(variance) + eps);
      if (momentumBuffer) {
        direction += momentum * momentumBuffer.data[i];
        momentumBuffer.data[i] = direction;
      }
      parameters.data[i] -= lr * direction;
    }
    return { parameters, squareAvg, ...(gradAvg && { gradAvg }), ...(momentumBuffer && { momentumBuffer }) };
  },
};

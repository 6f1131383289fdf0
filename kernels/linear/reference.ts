// A linear layer in float64. https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
import { type NdArray, zeros } from '../ndarray.ts';
import { reluReference } from '../withRelu.ts';
import type { LinearOptions } from './linear.ts';

export const reference = reluReference<LinearOptions>({
  forward({ x, weight, bias }) {
    const [outFeatures, inFeatures] = weight.shape;
    const y = zeros([...x.shape.slice(0, -1), outFeatures]);
    for (let row = 0; row < y.data.length / outFeatures; row++)
      for (let out = 0; out < outFeatures; out++) {
        let sum = bias ? bias.data[out] : 0;
        for (let i = 0; i < inFeatures; i++) sum += x.data[row * inFeatures + i] * weight.data[out * inFeatures + i];
        y.data[row * outFeatures + out] = sum;
      }
    return { y };
  },

  backward({ x, weight, bias }, _outputs, dy) {
    const [outFeatures, inFeatures] = weight.shape;
    const gradients: Record<string, NdArray> = { x: zeros(x.shape), weight: zeros(weight.shape) };
    if (bias) gradients.bias = zeros(bias.shape);
    for (let row = 0; row < dy.data.length / outFeatures; row++)
      for (let out = 0; out < outFeatures; out++) {
        const gradient = dy.data[row * outFeatures + out];
        if (bias) gradients.bias.data[out] += gradient;
        for (let i = 0; i < inFeatures; i++) {
          gradients.x.data[row * inFeatures + i] += gradient * weight.data[out * inFeatures + i];
          gradients.weight.data[out * inFeatures + i] += gradient * x.data[row * inFeatures + i];
        }
      }
    return gradients;
  },
});

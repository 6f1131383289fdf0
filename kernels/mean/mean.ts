// Means over any dimensions: sums scaled by one over the number of terms.
import { type Operation, type Specs, sizeOf } from '../definition.ts';
import { type ReduceOptions, reducedSpec } from '../reduce/dims.ts';
import { sum, sumBackward, sumForward } from '../sum/sum.ts';

export const mean: Operation<ReduceOptions> = {
  name: 'mean',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: sum.shaders,
  infer: (inputs, options) => ({ y: reducedSpec('mean', inputs, options) }),
  forward: (problem) => sumForward(problem, share(problem)),
  backward: (problem) => sumBackward(problem, share(problem)),
};

function share({ inputs, outputs }: { inputs: Specs; outputs: Specs }): number {
  return sizeOf(outputs.y.shape) / sizeOf(inputs.x.shape);
}

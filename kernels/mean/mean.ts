// Means over any dimensions: sums scaled by one over the number of terms. Means of nothing are NaN, as in PyTorch.
import { type Operation, type Specs, sizeOf } from '../definition.ts';
import { fill, fillLaunch } from '../fill/fill.ts';
import { isEmpty, type ReduceOptions, reducedSpec } from '../reduce/dims.ts';
import { sum, sumBackward, sumForward } from '../sum/sum.ts';

export const mean: Operation<ReduceOptions> = {
  name: 'mean',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [...sum.shaders, ...fill.shaders],
  infer: (inputs, options) => ({ y: reducedSpec('mean', inputs, options) }),
  forward: (problem) =>
    isEmpty(problem.inputs)
      ? { launches: [fillLaunch('y', problem.outputs.y.shape, { device: problem.device, value: NaN })] }
      : sumForward(problem, share(problem)),
  backward: (problem) => sumBackward(problem, share(problem)),
};

function share({ inputs, outputs }: { inputs: Specs; outputs: Specs }): number {
  return sizeOf(outputs.y.shape) / sizeOf(inputs.x.shape);
}

// Where the maxima lie: along one dimension, or in the flattened tensor. The first of equal values wins.
import { type Operation, sizeOf } from '../definition.ts';
import { max, maxForward } from '../max/max.ts';
import { checkReducible, reducedSpec } from '../reduce/dims.ts';

export interface ArgmaxOptions {
  /** Negative ones count from the end. Default: all dimensions, the index counting in logical row-major order. */
  dim?: number | undefined;
  /** Leaves reduced dimensions in place with extent 1. Default false. */
  keepDim?: boolean | undefined;
}

export const argmax: Operation<ArgmaxOptions> = {
  name: 'argmax',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32', differentiable: false }],
  shaders: max.shaders,

  infer(inputs, options) {
    checkReducible('argmax', inputs, options);
    return { y: reducedSpec('argmax', inputs, options, 'uint32') };
  },

  forward(problem) {
    const plan = maxForward(problem, { values: 'best', positions: 'y' });
    return { ...plan, scratch: { ...plan.scratch, best: { length: sizeOf(problem.outputs.y.shape) } } };
  },
};

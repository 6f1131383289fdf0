// Sums over any dimensions of a tensor in any order.
import type { Operation, Plan, Problem } from '../definition.ts';
import { isEmpty, type ReduceOptions, reducedDims, reducedSpec } from '../reduce/dims.ts';
import { groupsOf } from '../reduce/groups.ts';
import {
  partialLengths,
  reduceLaunches,
  reduceShader,
  reductionOf,
  spreadLaunch,
  spreadShader,
} from '../reduce/plan.ts';
import { shader as spreadSum } from '../reduce/spreadSum.wgsl.ts';
import { shader as sumOperand } from '../reduce/sum.wgsl.ts';

const forward = reduceShader('sum/forward', sumOperand);
const backward = spreadShader('sum/backward', spreadSum);

export const sum: Operation<ReduceOptions> = {
  name: 'sum',
  autocast: 'float32',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [forward, backward],
  infer: (inputs, options) => ({ y: reducedSpec('sum', inputs, options) }),
  forward: (problem) => sumForward(problem, 1),
  backward: (problem) => sumBackward(problem, 1),
};

/** Launches of `y = scale * (sum of x)`; the mean is one of these. */
export function sumForward(
  { inputs: { x }, outputs: { y }, options, device }: Problem<ReduceOptions>,
  scale: number,
): Plan {
  if (isEmpty({ x })) return { launches: [] };
  const reduction = reductionOf(x, y, reducedDims('sum', x.shape, options), device);
  const lengths = partialLengths(reduction);
  return {
    scratch: Object.fromEntries(lengths.map((length, i) => [`partial${i}`, { length }])),
    launches: reduceLaunches(reduction, {
      shaders: [forward, forward],
      bind: (stage) => ({
        x: stage === 0 ? 'x' : `partial${stage - 1}`,
        y: stage === lengths.length ? 'y' : `partial${stage}`,
      }),
      written: ['y'],
      scale,
    }),
  };
}

/** Launches of `dx = scale * dy`, spread over the reduced dimensions. */
export function sumBackward({ inputs: { x }, outputs: { y }, options }: Problem<ReduceOptions>, scale: number): Plan {
  if (isEmpty({ x })) return { launches: [] };
  const groups = groupsOf(x, y, reducedDims('sum', x.shape, options));
  return { launches: [spreadLaunch(backward, groups, { scale })] };
}

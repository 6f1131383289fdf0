// Maxima along one dimension, and where they lie. The first of equal values wins and takes the whole gradient (amax
// shares it among them). NaN beats every number.
import type { Operation, Plan, Problem } from '../definition.ts';
import { checkReducible, isEmpty, type ReduceOptions, reducedDims, reducedSpec } from '../reduce/dims.ts';
import { groupsOf } from '../reduce/groups.ts';
import { shader as isNan } from '../reduce/isNan.wgsl.ts';
import { shader as maxState } from '../reduce/max.wgsl.ts';
import { shader as ofPartials } from '../reduce/maxOfPartials.wgsl.ts';
import { shader as ofValues } from '../reduce/maxOfValues.wgsl.ts';
import {
  partialLengths,
  reduceLaunches,
  reduceShader,
  reductionOf,
  spreadLaunch,
  spreadShader,
} from '../reduce/plan.ts';
import { shader as spreadMax } from '../reduce/spreadMax.wgsl.ts';

export interface MaxOptions {
  /** The reduced dimension; negative ones count from the end. */
  dim: number;
  /** Leaves it in place with extent 1. Default false. */
  keepDim?: boolean | undefined;
}

const first = reduceShader('max/forward', isNan, maxState, ofValues);
const merge = reduceShader('max/merge', isNan, maxState, ofPartials);
const backward = spreadShader('max/backward', spreadMax);

export const max: Operation<MaxOptions> = {
  name: 'max',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [first, merge, backward],

  /** Output beside y: `indices`, which count along the reduced dimension. */
  infer(inputs, options) {
    checkReducible('max', inputs, options);
    return {
      y: reducedSpec('max', inputs, options),
      indices: reducedSpec('max', inputs, options, 'uint32'),
    };
  },

  forward: (problem) => maxForward(problem, { values: 'y', positions: 'indices' }),

  saved: () => ['indices'],

  backward({ inputs: { x }, outputs: { y }, options }) {
    if (isEmpty({ x })) return { launches: [] };
    const groups = groupsOf(x, y, reducedDims('max', x.shape, options));
    const launch = spreadLaunch(backward, groups, { alike: ['positions'] });
    return { launches: [{ ...launch, bind: { positions: 'indices' } }] };
  },
};

/**
 * Launches of values and positions into two tensors of y's shape; argmax is one of these. Over several dimensions
 * positions are row-major over them in ascending order.
 */
export function maxForward(
  { inputs: { x }, outputs: { y }, options, device }: Problem<ReduceOptions>,
  { values, positions }: { values: string; positions: string },
): Plan {
  if (isEmpty({ x })) return { launches: [] };
  const reduction = reductionOf(x, y, reducedDims('max', x.shape, options), device);
  const lengths = partialLengths(reduction);
  return {
    scratch: Object.fromEntries(
      lengths.flatMap((length, i) => [
        [`values${i}`, { length }],
        [`positions${i}`, { length, dtype: 'uint32' as const }],
      ]),
    ),
    launches: reduceLaunches(reduction, {
      shaders: [first, merge],
      bind: (stage) => ({
        x: stage === 0 ? 'x' : `values${stage - 1}`,
        ...(stage > 0 && { xPositions: `positions${stage - 1}` }),
        values: stage === lengths.length ? values : `values${stage}`,
        positions: stage === lengths.length ? positions : `positions${stage}`,
      }),
      written: ['values', 'positions'],
    }),
  };
}

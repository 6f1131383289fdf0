// Maxima over any dimensions. Equal ones share the gradient evenly (max, over one dimension, gives it to the first).
// NaN beats every number.
import type { Operation } from '../definition.ts';
import { checkReducible, isEmpty, type ReduceOptions, reducedDims, reducedSpec } from '../reduce/dims.ts';
import { groupsOf } from '../reduce/groups.ts';
import { shader as isNan } from '../reduce/isNan.wgsl.ts';
import {
  partialLengths,
  reduceLaunches,
  reduceShader,
  reductionOf,
  spreadLaunch,
  spreadShader,
} from '../reduce/plan.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as ofPartials } from './ofPartials.wgsl.ts';
import { shader as ofValues } from './ofValues.wgsl.ts';

const first = reduceShader('amax/forward', isNan, forwardFile, ofValues);
const merge = reduceShader('amax/merge', isNan, forwardFile, ofPartials);
const backward = spreadShader('amax/backward', isNan, backwardFile);

export const amax: Operation<ReduceOptions> = {
  name: 'amax',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [first, merge, backward],

  /** Output beside y: `counts`, how many elements are equal to it. */
  infer(inputs, options) {
    checkReducible('amax', inputs, options);
    return {
      y: reducedSpec('amax', inputs, options),
      counts: reducedSpec('amax', inputs, options, 'uint32'),
    };
  },

  forward({ inputs: { x }, outputs: { y }, options, device }) {
    if (isEmpty({ x })) return { launches: [] };
    const reduction = reductionOf(x, y, reducedDims('amax', x.shape, options), device);
    const lengths = partialLengths(reduction);
    return {
      scratch: Object.fromEntries(
        lengths.flatMap((length, i) => [
          [`values${i}`, { length }],
          [`counts${i}`, { length, dtype: 'uint32' as const }],
        ]),
      ),
      launches: reduceLaunches(reduction, {
        shaders: [first, merge],
        bind: (stage) => ({
          x: stage === 0 ? 'x' : `values${stage - 1}`,
          ...(stage > 0 && { xCounts: `counts${stage - 1}` }),
          values: stage === lengths.length ? 'y' : `values${stage}`,
          counts: stage === lengths.length ? 'counts' : `counts${stage}`,
        }),
        written: ['values', 'counts'],
      }),
    };
  },

  saved: () => ['x', 'y', 'counts'],

  backward({ inputs: { x }, outputs: { y }, options }) {
    if (isEmpty({ x })) return { launches: [] };
    const groups = groupsOf(x, y, reducedDims('amax', x.shape, options));
    return { launches: [spreadLaunch(backward, groups, { alike: ['y', 'counts'], elements: ['x'] })] };
  },
};

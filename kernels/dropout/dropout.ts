// Dropout of single elements: with probability p zero, else scaled by 1 / (1 - p). Training only; the caller decides.
import { launch, type Operation, type Plan, type Problem, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { flatLoop } from '../flatLoop.ts';
import type { RandomStream } from '../random/pcg4d.ts';
import { shader as pcg4d } from '../random/pcg4d.wgsl.ts';
import { link, type Shader } from '../shader.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as scalarFile } from './scalar.wgsl.ts';
import { shader as vec4File } from './vec4.wgsl.ts';

export interface DropoutOptions extends RandomStream {
  /** Probability of an element to be dropped, 0 … 1. */
  p: number;
}

const scalar = link('dropout/forward', [forwardFile, pcg4d, scalarFile]) as Shader as typeof forwardFile;
const vec4 = link('dropout/forward vec4', [forwardFile, pcg4d, vec4File], {
  Element: 'vec4f',
}) as Shader as typeof forwardFile;

export const dropout: Operation<DropoutOptions> = {
  name: 'dropout',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [scalar, vec4],

  infer({ x }, { p }) {
    if (!(p >= 0 && p <= 1)) throw new ShapeError(`dropout: p must lie between 0 and 1, given ${p}`);
    return { y: x };
  },

  forward: (problem) => dropLaunch(problem, { x: 'x', y: 'y' }),

  backward: (problem) => dropLaunch(problem, { x: 'dy', y: 'dx' }),
};

/** The words of `seed` and `stream` below this are dropped. */
export function dropThreshold(p: number): number {
  return Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
}

function dropLaunch(
  { inputs: { x }, device, options: { p, seed, stream } }: Problem<DropoutOptions>,
  bind: { x: string; y: string },
): Plan {
  const vector = sizeOf(x.shape) % 4 === 0 ? 4 : 1;
  const { constants, workgroups } = flatLoop(device);
  return {
    launches: [
      launch(vector === 4 ? vec4 : scalar, {
        bind,
        constants,
        axes: { elements: { extent: sizeOf(x.shape) / vector, slices: { x: vector, y: vector } } },
        params: ({ elements: { start, count } }) => ({
          elements: count,
          start,
          seed: seed >>> 0,
          stream: stream >>> 0,
          threshold: dropThreshold(p),
          scale: p === 1 ? 0 : 1 / (1 - p),
        }),
        workgroups: ({ elements }) => workgroups(elements.count),
      }),
    ],
  };
}

// Dropout of single elements: with probability p zero, else scaled by 1 / (1 - p). Training only; the caller decides.
import { flatGrid, launch, type Operation, type Plan, type Specs, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
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

  forward: ({ inputs, options }) => dropLaunch(inputs, options, { x: 'x', y: 'y' }),

  backward: ({ inputs, options }) => dropLaunch(inputs, options, { x: 'dy', y: 'dx' }),
};

/** The words of `seed` and `stream` below this are dropped. */
export function dropThreshold(p: number): number {
  return Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
}

function dropLaunch({ x }: Specs, { p, seed, stream }: DropoutOptions, bind: { x: string; y: string }): Plan {
  const vector = sizeOf(x.shape) % 4 === 0 ? 4 : 1;
  return {
    launches: [
      launch(vector === 4 ? vec4 : scalar, {
        bind,
        axes: { elements: { extent: sizeOf(x.shape) / vector, slices: { x: vector, y: vector } } },
        params: ({ elements: { start, count } }) => ({
          elements: count,
          start,
          seed: seed >>> 0,
          stream: stream >>> 0,
          threshold: dropThreshold(p),
          scale: p === 1 ? 0 : 1 / (1 - p),
        }),
        workgroups: ({ elements }) => flatGrid(elements.count, 64),
      }),
    ],
  };
}

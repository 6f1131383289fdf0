// Normally distributed random numbers, in place: how parameters start.
import { flatGrid, launch, type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import type { RandomStream } from '../random/pcg4d.ts';
import { shader as pcg4d } from '../random/pcg4d.wgsl.ts';
import { link, type Shader } from '../shader.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface NormalFillOptions extends RandomStream {
  mean: number;
  /** Standard deviation, at least 0. */
  std: number;
}

const forward = link('normalFill/forward', [forwardFile, pcg4d]) as Shader as typeof forwardFile;

export const normalFill: Operation<NormalFillOptions> = {
  name: 'normalFill',
  inputs: [{ name: 'target', layout: 'any', dtype: 'float32', differentiable: false, updated: true }],
  shaders: [forward],

  infer(_inputs, { mean, std }) {
    if (!(std >= 0 && Number.isFinite(std) && Number.isFinite(mean))) {
      throw new ShapeError(
        `normalFill: mean and std must be finite and std at least 0, given mean ${mean}, std ${std}`,
      );
    }
    return {};
  },

  forward({ inputs, options: { mean, std, seed, stream } }) {
    return {
      launches: [
        launch(forward, {
          bind: { target_: 'target' },
          axes: { elements: { extent: sizeOf(inputs.target.shape), slices: { target_: 1 } } },
          params: ({ elements: { start, count } }) => ({
            elements: count,
            start,
            seed: seed >>> 0,
            stream: stream >>> 0,
            mean,
            deviation: std,
          }),
          workgroups: ({ elements }) => flatGrid(elements.count, 64),
        }),
      ],
    };
  },
};

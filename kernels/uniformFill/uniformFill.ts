// Random numbers uniform in [low, high), in place: how parameters start.
import { flatGrid, launch, type Operation, sizeOf } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import type { RandomStream } from '../random/pcg4d.ts';
import { shader as pcg4d } from '../random/pcg4d.wgsl.ts';
import { link, type Shader } from '../shader.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface UniformFillOptions extends RandomStream {
  low: number;
  /** Never reached, up to the rounding of float32 where |low| is far larger than the range. */
  high: number;
}

const forward = link('uniformFill/forward', [forwardFile, pcg4d]) as Shader as typeof forwardFile;

export const uniformFill: Operation<UniformFillOptions> = {
  name: 'uniformFill',
  inputs: [{ name: 'target', layout: 'any', dtype: 'float32', differentiable: false, updated: true }],
  shaders: [forward],

  infer(_inputs, { low, high }) {
    if (!(low <= high && Number.isFinite(high - low))) {
      throw new ShapeError(`uniformFill: low must be at most high and both finite, given low ${low}, high ${high}`);
    }
    return {};
  },

  forward({ inputs, options: { low, high, seed, stream } }) {
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
            low,
            range: high - low,
          }),
          workgroups: ({ elements }) => flatGrid(elements.count, 64),
        }),
      ],
    };
  },
};

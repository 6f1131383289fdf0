// Local response normalisation over [n, c, h, w]: each value by the energy of its neighbouring channels.
// Krizhevsky, Sutskever and Hinton (2012), section 3.3; with PyTorch's alpha / size.
import { flatGrid, launch, type Operation, type Specs, sizeOf, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4 } from '../rank.ts';
import { link } from '../shader.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as windowVec4File } from './window.vec4.wgsl.ts';
import { shader as windowFile } from './window.wgsl.ts';

export interface LocalResponseNormOptions {
  /** Channels in a window: `floor(size / 2)` before its own and the rest after it. */
  size: number;
  /** Default 1e-4. */
  alpha?: number;
  /** Default 0.75. */
  beta?: number;
  /** Default 1. */
  k?: number;
}

const vec4 = { Element: 'vec4f' };
const forward = {
  scalar: link('localResponseNorm/forward', [windowFile, forwardFile]) as typeof forwardFile,
  vec4: link('localResponseNorm/forward vec4', [windowVec4File, forwardFile], vec4) as typeof forwardFile,
};
const backward = {
  scalar: link('localResponseNorm/backward', [windowFile, backwardFile]) as typeof backwardFile,
  vec4: link('localResponseNorm/backward vec4', [windowVec4File, backwardFile], vec4) as typeof backwardFile,
};

export const localResponseNorm: Operation<LocalResponseNormOptions> = {
  name: 'localResponseNorm',
  inputs: [{ name: 'x', layout: 'channelsLast' }],
  shaders: [forward.scalar, forward.vec4, backward.scalar, backward.vec4],

  /** Output beside y: `scale`, what y was divided by before the power beta. */
  infer({ x }, { size, alpha = 1e-4, beta = 0.75, k = 1 }) {
    rank4('localResponseNorm', 'x', x);
    if (!Number.isInteger(size) || size < 1 || size > 2 ** 31) {
      throw new ShapeError(`localResponseNorm: size must be a positive integer, given ${size}`);
    }
    if (![alpha, beta, k].every(Number.isFinite)) {
      throw new ShapeError(`localResponseNorm: alpha, beta and k must be finite, given ${alpha}, ${beta} and ${k}`);
    }
    return { y: spec(x.shape), scale: spec(x.shape) };
  },

  forward({ inputs, options: { size, alpha = 1e-4, beta = 0.75, k = 1 } }) {
    const { n, each, channels, vector } = geometry(inputs);
    return {
      launches: [
        launch(vector === 4 ? forward.vec4 : forward.scalar, {
          axes: { n: { extent: n, slices: { x: each, y: each, scale: each } } },
          params: ({ n: { count } }) => ({
            elements: (count * each) / vector,
            channels,
            size,
            before: Math.floor(size / 2),
            slope: alpha / size,
            beta,
            k,
          }),
          workgroups: ({ n: { count } }) => flatGrid((count * each) / vector, 64),
        }),
      ],
    };
  },

  saved: () => ['x', 'scale'],

  backward({ inputs, options: { size, alpha = 1e-4, beta = 0.75 } }) {
    const { n, each, channels, vector } = geometry(inputs);
    return {
      launches: [
        launch(vector === 4 ? backward.vec4 : backward.scalar, {
          axes: { n: { extent: n, slices: { x: each, dy: each, scale: each, dx: each } } },
          params: ({ n: { count } }) => ({
            elements: (count * each) / vector,
            channels,
            size,
            before: Math.floor((size - 1) / 2),
            slope: alpha / size,
            beta,
          }),
          workgroups: ({ n: { count } }) => flatGrid((count * each) / vector, 64),
        }),
      ],
    };
  },
};

function geometry({ x: { shape } }: Specs) {
  const [n, c] = shape;
  const vector = c % 4 === 0 ? 4 : 1;
  return { n, vector, channels: c / vector, each: sizeOf(shape.slice(1)) };
}

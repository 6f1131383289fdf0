// Max pooling over [n, c, h, w]. Saves the winning tap of each window for the backward pass.
import { flatGrid, launch, type Operation, type Problem, type Specs, sizeOf, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4 } from '../rank.ts';
import { link } from '../shader.ts';
import { outputSize, type Pair, pair, type Window, windowOf } from '../window.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface MaxPool2dOptions {
  kernelSize: Pair;
  /** Default: the kernel size. */
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  /** Counts a last, partial window. */
  ceilMode?: boolean;
}

const vectors = { Element: 'vec4f', Index: 'vec4u' };
const forward = {
  scalar: forwardFile,
  vec4: link('maxPool2d/forward vec4', [forwardFile], vectors) as typeof forwardFile,
};
const backward = {
  scalar: backwardFile,
  vec4: link('maxPool2d/backward vec4', [backwardFile], vectors) as typeof backwardFile,
};

export const maxPool2d: Operation<MaxPool2dOptions> = {
  name: 'maxPool2d',
  inputs: [{ name: 'x', layout: 'channelsLast' }],
  shaders: [forward.scalar, forward.vec4, backward.scalar, backward.vec4],

  infer({ x }, options) {
    const [n, c, h, w] = rank4('maxPool2d', 'x', x);
    const window = maxPoolWindow(options);
    for (const [side, padding, kernel] of [
      ['height', window.paddingHeight, window.kernelHeight],
      ['width', window.paddingWidth, window.kernelWidth],
    ] as const) {
      if (padding > kernel / 2) {
        throw new ShapeError(
          `maxPool2d: padding must be at most half the kernel, given padding ${padding} for kernel ${side} ${kernel}`,
        );
      }
    }
    const { outHeight, outWidth } = outputSize('maxPool2d', h, w, window, options.ceilMode);
    const shape = [n, c, outHeight, outWidth];
    return { y: spec(shape), argmax: spec(shape, 'uint32') };
  },

  forward({ inputs, outputs, options }) {
    const { vector, params, inputElements, outputElements } = geometry(inputs, outputs, options);
    const extent = outputs.y.shape[0];
    return {
      launches: [
        launch(vector === 4 ? forward.vec4 : forward.scalar, {
          axes: { n: { extent, slices: { x: inputElements, y: outputElements, argmax: outputElements } } },
          params: ({ n }) => ({ ...params, outputs: (n.count * outputElements) / vector }),
          workgroups: ({ n }) => flatGrid((n.count * outputElements) / vector, 64),
        }),
      ],
    };
  },

  saved: () => ['argmax'],

  backward({ inputs, outputs, options }) {
    const { vector, params, inputElements, outputElements } = geometry(inputs, outputs, options);
    const extent = outputs.y.shape[0];
    return {
      launches: [
        launch(vector === 4 ? backward.vec4 : backward.scalar, {
          axes: { n: { extent, slices: { dx: inputElements, dy: outputElements, argmax: outputElements } } },
          params: ({ n }) => ({ ...params, inputs: (n.count * inputElements) / vector }),
          workgroups: ({ n }) => flatGrid((n.count * inputElements) / vector, 64),
        }),
      ],
    };
  },
};

/** The window with max pooling's default: a stride of one kernel. */
export function maxPoolWindow({
  kernelSize,
  stride = kernelSize,
  padding = 0,
  dilation = 1,
}: MaxPool2dOptions): Window {
  return windowOf('maxPool2d', pair(kernelSize), { stride, padding, dilation });
}

function geometry(inputs: Specs, outputs: Specs, options: Problem<MaxPool2dOptions>['options']) {
  const [, c, height, width] = inputs.x.shape;
  const [, , outHeight, outWidth] = outputs.y.shape;
  const vector = c % 4 === 0 ? 4 : 1;
  return {
    vector,
    params: { ...maxPoolWindow(options), channels: c / vector, height, width, outHeight, outWidth },
    inputElements: sizeOf(inputs.x.shape.slice(1)),
    outputElements: sizeOf(outputs.y.shape.slice(1)),
  };
}

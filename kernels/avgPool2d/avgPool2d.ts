// Average pooling over [n, c, h, w], with PyTorch's three rules for the divisor.
import { flatGrid, launch, type Operation, type Specs, sizeOf, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4 } from '../rank.ts';
import { link } from '../shader.ts';
import { outputSize, type Pair, pair, type Window, windowOf } from '../window.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as countedFile } from './counted.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface AvgPool2dOptions {
  kernelSize: Pair;
  /** Default: the kernel size. */
  stride?: Pair;
  /** Zeros on each side, at most half the kernel. Default 0. */
  padding?: Pair;
  /** Counts a last, partial window. Default false. */
  ceilMode?: boolean;
  /** Padding counts in the divisor. Default true. */
  countIncludePad?: boolean;
  /** Divides by this instead of by the number of positions; any integer but 0. */
  divisorOverride?: number;
}

const forward = {
  scalar: link('avgPool2d/forward', [countedFile, forwardFile]) as typeof forwardFile,
  vec4: link('avgPool2d/forward vec4', [countedFile, forwardFile], { Element: 'vec4f' }) as typeof forwardFile,
};
const backward = {
  scalar: link('avgPool2d/backward', [countedFile, backwardFile]) as typeof backwardFile,
  vec4: link('avgPool2d/backward vec4', [countedFile, backwardFile], { Element: 'vec4f' }) as typeof backwardFile,
};

export const avgPool2d: Operation<AvgPool2dOptions> = {
  name: 'avgPool2d',
  inputs: [{ name: 'x', layout: 'channelsLast' }],
  shaders: [forward.scalar, forward.vec4, backward.scalar, backward.vec4],

  infer({ x }, options) {
    const [n, c, h, w] = rank4('avgPool2d', 'x', x);
    const window = avgPoolWindow(options);
    for (const [side, padding, kernel] of [
      ['height', window.paddingHeight, window.kernelHeight],
      ['width', window.paddingWidth, window.kernelWidth],
    ] as const) {
      if (padding > kernel / 2) {
        throw new ShapeError(
          `avgPool2d: padding must be at most half the kernel, given padding ${padding} for kernel ${side} ${kernel}`,
        );
      }
    }
    const { divisorOverride } = options;
    if (divisorOverride !== undefined && (!Number.isInteger(divisorOverride) || divisorOverride === 0)) {
      throw new ShapeError(`avgPool2d: divisorOverride must be an integer other than 0, given ${divisorOverride}`);
    }
    const { outHeight, outWidth } = outputSize('avgPool2d', h, w, window, options.ceilMode);
    return { y: spec([n, c, outHeight, outWidth]) };
  },

  forward({ inputs, outputs, options }) {
    const { vector, params, inputElements, outputElements } = geometry(inputs, outputs, options);
    const extent = outputs.y.shape[0];
    return {
      launches: [
        launch(vector === 4 ? forward.vec4 : forward.scalar, {
          axes: { n: { extent, slices: { x: inputElements, y: outputElements } } },
          params: ({ n }) => ({ ...params, outputs: (n.count * outputElements) / vector }),
          workgroups: ({ n }) => flatGrid((n.count * outputElements) / vector, 64),
        }),
      ],
    };
  },

  backward({ inputs, outputs, options }) {
    const { vector, params, inputElements, outputElements } = geometry(inputs, outputs, options);
    const extent = outputs.y.shape[0];
    return {
      launches: [
        launch(vector === 4 ? backward.vec4 : backward.scalar, {
          axes: { n: { extent, slices: { dx: inputElements, dy: outputElements } } },
          params: ({ n }) => ({ ...params, inputs: (n.count * inputElements) / vector }),
          workgroups: ({ n }) => flatGrid((n.count * inputElements) / vector, 64),
        }),
      ],
    };
  },
};

/** The window with average pooling's default: a stride of one kernel. */
export function avgPoolWindow({ kernelSize, stride = kernelSize, padding = 0 }: AvgPool2dOptions): Window {
  return windowOf('avgPool2d', pair(kernelSize), { stride, padding, dilation: 1 });
}

function geometry(inputs: Specs, outputs: Specs, options: AvgPool2dOptions) {
  const [, c, height, width] = inputs.x.shape;
  const [, , outHeight, outWidth] = outputs.y.shape;
  const { countIncludePad = true, divisorOverride = 0 } = options;
  const vector = c % 4 === 0 ? 4 : 1;
  return {
    vector,
    params: {
      ...avgPoolWindow(options),
      channels: c / vector,
      height,
      width,
      outHeight,
      outWidth,
      countIncludePad: Number(countIncludePad),
      divisorOverride,
    },
    inputElements: sizeOf(inputs.x.shape.slice(1)),
    outputElements: sizeOf(outputs.y.shape.slice(1)),
  };
}

// Average pooling of [n, c, h, w] to a given size, smaller or larger than the input's.
import { flatGrid, launch, type Operation, type Specs, sizeOf, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4 } from '../rank.ts';
import { link } from '../shader.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as cellFile } from './cell.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

/** One extent for both directions, or `[height, width]`; null keeps the input's. */
export type OutputSize = number | null | readonly [height: number | null, width: number | null];

export interface AdaptiveAvgPool2dOptions {
  outputSize: OutputSize;
}

const forward = {
  scalar: link('adaptiveAvgPool2d/forward', [cellFile, forwardFile]) as typeof forwardFile,
  vec4: link('adaptiveAvgPool2d/forward vec4', [cellFile, forwardFile], { Element: 'vec4f' }) as typeof forwardFile,
};
const backward = {
  scalar: link('adaptiveAvgPool2d/backward', [cellFile, backwardFile]) as typeof backwardFile,
  vec4: link('adaptiveAvgPool2d/backward vec4', [cellFile, backwardFile], { Element: 'vec4f' }) as typeof backwardFile,
};

export const adaptiveAvgPool2d: Operation<AdaptiveAvgPool2dOptions> = {
  name: 'adaptiveAvgPool2d',
  inputs: [{ name: 'x', layout: 'channelsLast' }],
  shaders: [forward.scalar, forward.vec4, backward.scalar, backward.vec4],

  infer({ x }, { outputSize }) {
    const [n, c, h, w] = rank4('adaptiveAvgPool2d', 'x', x);
    const [outHeight, outWidth] = adaptiveExtents(outputSize, h, w);
    if ([outHeight, outWidth].some((extent) => !Number.isInteger(extent) || extent < 1)) {
      throw new ShapeError(
        'adaptiveAvgPool2d: outputSize must be a positive integer, null, or a [height, width] pair of them, ' +
          `given ${JSON.stringify(outputSize)}`,
      );
    }
    // the shaders multiply a position by an extent in 32 bits
    if (Math.max(outHeight * (h + 1), outWidth * (w + 1)) >= 2 ** 32) {
      throw new ShapeError(
        `adaptiveAvgPool2d: ${h}x${w} to ${outHeight}x${outWidth} is too large; extents may multiply to 2^32 at most`,
      );
    }
    return { y: spec([n, c, outHeight, outWidth]) };
  },

  forward({ inputs, outputs }) {
    const { vector, params, inputElements, outputElements } = geometry(inputs, outputs);
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

  backward({ inputs, outputs }) {
    const { vector, params, inputElements, outputElements } = geometry(inputs, outputs);
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

/** The output's height and width, nulls filled in. */
export function adaptiveExtents(outputSize: OutputSize, height: number, width: number): [number, number] {
  const [outHeight, outWidth] =
    typeof outputSize === 'number' || outputSize === null ? [outputSize, outputSize] : outputSize;
  return [outHeight ?? height, outWidth ?? width];
}

function geometry(inputs: Specs, outputs: Specs) {
  const [, c, height, width] = inputs.x.shape;
  const [, , outHeight, outWidth] = outputs.y.shape;
  const vector = c % 4 === 0 ? 4 : 1;
  return {
    vector,
    params: { channels: c / vector, height, width, outHeight, outWidth },
    inputElements: sizeOf(inputs.x.shape.slice(1)),
    outputElements: sizeOf(outputs.y.shape.slice(1)),
  };
}

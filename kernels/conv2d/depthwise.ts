// Depthwise convolutions, one channel a group: as GEMMs they would have a single column, so they have kernels of their
// own, forward and backward. MobileNet's are most of its layers.
import { flatGrid, launch, MOST_WORKGROUPS, NOTHING, type Plan, type Problem, sizeOf } from '../definition.ts';
import { link, type Shader } from '../shader.ts';
import { shader as inputFile } from './depthwise.backwardInput.wgsl.ts';
import { shader as weightFile } from './depthwise.backwardWeight.wgsl.ts';
import { shader as forwardFile } from './depthwise.forward.wgsl.ts';
import { type Conv2dOptions, geometry } from './geometry.ts';
import { shader as merge } from './merge.wgsl.ts';
import { partition } from './partition.ts';

const forward = inBothWidths(forwardFile);
const backwardInput = inBothWidths(inputFile);
const backwardWeight = inBothWidths(weightFile);

export const depthwiseShaders: readonly Shader[] = [forward, backwardInput, backwardWeight].flatMap((widths) =>
  Object.values(widths),
);

/** Whether these kernels serve: each channel has a filter of its own, and no GEMM core is asked for. */
export function isDepthwise(problem: Problem<Conv2dOptions>): boolean {
  const { groupChannels, groupOut } = geometry(problem);
  return groupChannels === 1 && groupOut === 1 && problem.variant === undefined;
}

export function depthwiseForward(problem: Problem<Conv2dOptions>): Plan {
  const { images, channels, height, width, outHeight, outWidth, window } = geometry(problem);
  const { kind, elements } = inElements(channels);
  const quads = Math.ceil(outWidth / 4);
  const threads = (count: number) => count * outHeight * quads * elements;
  return {
    launches: [
      launch(forward[kind], {
        bind: { bias: problem.inputs.bias ? 'bias' : NOTHING },
        axes: {
          images: { extent: images, slices: { x: channels * height * width, y: channels * outHeight * outWidth } },
        },
        params: (piece) => ({
          ...{ ...window, height, width, outHeight, outWidth, quads },
          channels: elements,
          threads: threads(piece.images.count),
          hasBias: problem.inputs.bias ? 1 : 0,
          relu: problem.options.relu ? 1 : 0,
        }),
        workgroups: (piece) => flatGrid(threads(piece.images.count), 64),
      }),
    ],
  };
}

export function depthwiseInputGradient(problem: Problem<Conv2dOptions>): Plan {
  const { images, channels, height, width, outHeight, outWidth, window } = geometry(problem);
  const { kind, elements } = inElements(channels);
  const quads = Math.ceil(width / 4);
  const threads = (count: number) => count * height * quads * elements;
  const toInput = launch(backwardInput[kind], {
    axes: {
      images: { extent: images, slices: { dy: channels * outHeight * outWidth, dx: channels * height * width } },
    },
    params: (piece) => ({
      ...{ ...window, height, width, outHeight, outWidth, quads },
      channels: elements,
      threads: threads(piece.images.count),
    }),
    workgroups: (piece) => flatGrid(threads(piece.images.count), 64),
  });
  return { launches: [toInput] };
}

export function depthwiseParameterGradients(problem: Problem<Conv2dOptions>, wanted: ReadonlySet<string>): Plan {
  const { device, inputs, outputs } = problem;
  const { images, channels, height, width, outHeight, outWidth, pixels, taps, window } = geometry(problem);
  const { kind, elements } = inElements(channels);
  const rows = taps + (wanted.has('bias') ? 1 : 0);
  const { units, partsPerUnit } = partition(device, {
    ...{ images, pixels },
    workgroups: Math.ceil((rows * elements) / 64),
    imageBytes: [inputs.x, outputs.y].map(({ shape }) => 4 * sizeOf(shape.slice(1))),
  });
  const unitRows = (images / units) * outHeight;
  const parts = units * partsPerUnit;
  const { kernelHeight: _, ...windowParams } = window;
  const threads = (count: number) => count * partsPerUnit * rows * elements;
  const add = (result: string, count: number, offset: number) =>
    launch(merge, {
      bind: { result },
      params: { elements: count, offset, parts, partStep: rows * channels },
      workgroups: flatGrid(count, 64),
    });
  return {
    scratch: { partials: { length: parts * rows * channels } },
    launches: [
      launch(backwardWeight[kind], {
        axes: {
          images: {
            extent: units,
            slices: { x: sizeOf(inputs.x.shape) / units, dy: sizeOf(outputs.y.shape) / units },
            most: MOST_WORKGROUPS,
          },
        },
        params: (piece) => ({
          ...{ ...windowParams, height, width, outHeight, outWidth, rows, taps, partsPerUnit, unitRows },
          channels: elements,
          threads: threads(piece.images.count),
          firstPart: piece.images.start * partsPerUnit,
          partRows: Math.ceil(unitRows / partsPerUnit),
        }),
        workgroups: (piece) => flatGrid(threads(piece.images.count), 64),
      }),
      ...(wanted.has('weight') ? [add('dweight', taps * channels, 0)] : []),
      ...(wanted.has('bias') ? [add('dbias', channels, taps * channels)] : []),
    ],
  };
}

/** Channels in fours where they divide. */
function inElements(channels: number): { kind: 'scalar' | 'vec4'; elements: number } {
  return channels % 4 === 0 ? { kind: 'vec4', elements: channels / 4 } : { kind: 'scalar', elements: channels };
}

function inBothWidths<S extends Shader>(file: S): { readonly scalar: S; readonly vec4: S } {
  return { scalar: file, vec4: link(`${file.label} vec4`, [file], { Element: 'vec4f' }) as unknown as S };
}

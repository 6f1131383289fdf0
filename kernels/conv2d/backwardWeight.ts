// dweight and dbias: partial sums over parts of the pixels, then the parts added up.
import { flatGrid, launch, MOST_WORKGROUPS, type Plan, type Problem, sizeOf } from '../definition.ts';
import { shader as bVec4 } from '../gemm/b.vec4.wgsl.ts';
import { shader as b } from '../gemm/b.wgsl.ts';
import { aInFours, chooseCore, coreConstants, coreGrid, inFours, linkCores } from '../gemm/gemm.ts';
import type { Shader } from '../shader.ts';
import { shader as walk } from './backwardWeight.walk.wgsl.ts';
import { shader as operands } from './backwardWeight.wgsl.ts';
import { shader as xVec4 } from './backwardWeight.x.vec4.wgsl.ts';
import { shader as x } from './backwardWeight.x.wgsl.ts';
import { type Conv2dOptions, geometry } from './geometry.ts';
import { shader as merge } from './merge.wgsl.ts';
import { largestDivisor, partition } from './partition.ts';
import { coreOf } from './winograd.ts';

/** An operand file as it looks once its x and b files are linked in. */
type Linked = Omit<typeof operands, 'bindings'> & {
  readonly bindings: typeof operands.bindings & typeof x.bindings & typeof b.bindings;
};

const file = operands as unknown as Linked;
/** By whether the channels of dy, and those of x, come in fours. */
const shaders = {
  ones: {
    ones: linkCores('conv2d/backwardWeight', [file, b], { walk, single: x }),
    fours: linkCores('conv2d/backwardWeight x4', [file, b], { walk, single: x, across: xVec4 }),
  },
  fours: {
    ones: linkCores('conv2d/backwardWeight dy4', [file, bVec4], { walk, single: x }),
    fours: linkCores('conv2d/backwardWeight x4 dy4', [file, bVec4], { walk, single: x, across: xVec4 }),
  },
};

export const backwardWeightShaders: readonly Shader[] = Object.values(shaders)
  .flatMap((byChannels) => Object.values(byChannels))
  .flatMap((cores) => Object.values(cores));

/** Columns of an image row that keep a subgroup's lanes busy. */
const LONG_ROW = 16;
/** Pixels of a segment that is made of short rows. */
const MOST_SEGMENT = 64;

export function parameterGradients(problem: Problem<Conv2dOptions>, wanted: ReadonlySet<string>): Required<Plan> {
  const { device, variant, inputs, outputs } = problem;
  const { images, pixels, channels, groupChannels, out, groupOut, taps, groups, window, ...sizes } = geometry(problem);
  const core = chooseCore(device, images * pixels, groupOut, coreOf(variant));
  const rows = taps * groupChannels;
  const m = rows + (wanted.has('bias') ? 1 : 0);
  const [tiles] = coreGrid(core, device, m, groupOut, 1);
  const { units, partsPerUnit } = partition(device, {
    images,
    pixels,
    workgroups: tiles * groups,
    imageBytes: [inputs.x, outputs.y].map(({ shape }) => 4 * sizeOf(shape.slice(1))),
  });
  const segment = segmentPixels(images / units, sizes);
  const unitSegments = ((images / units) * pixels) / segment;
  const { kernelHeight: _, ...windowParams } = window;
  const parts = units * partsPerUnit;
  // a single part is the gradient itself
  const isWhole = parts === 1 && m === rows;
  const add = (result: string, elements: number, offset: number) =>
    launch(merge, {
      bind: { result },
      params: { elements, offset, parts, partStep: m * out },
      workgroups: flatGrid(elements, 64),
    });
  const byChannels = shaders[inFours(core, groupOut) ? 'fours' : 'ones'];
  const partial = launch(byChannels[aInFours(core, groupChannels) ? 'fours' : 'ones'][core], {
    bind: { b: 'dy', partials: isWhole ? 'dweight' : 'partials' },
    constants: coreConstants(core, device),
    axes: {
      images: {
        extent: units,
        slices: { x: sizeOf(inputs.x.shape) / units, b: sizeOf(outputs.y.shape) / units },
        most: Math.floor(MOST_WORKGROUPS / (groups * partsPerUnit)),
      },
    },
    params: (piece) => ({
      ...windowParams,
      ...sizes,
      channels,
      groupChannels,
      m,
      n: groupOut,
      k: segment,
      outChannels: out,
      onesRow: rows,
      parts: piece.images.count * partsPerUnit,
      firstPart: piece.images.start * partsPerUnit,
      partsPerUnit,
      unitSegments,
      partSegments: Math.ceil(unitSegments / partsPerUnit),
      isShort: segment === sizes.outWidth ? 0 : 1,
      bOffset: 0,
      bRow: out,
      bColumn: 1,
      bSlice: groupOut,
    }),
    workgroups: (piece) => coreGrid(core, device, m, groupOut, groups * piece.images.count * partsPerUnit),
  });
  if (isWhole) return { scratch: {}, launches: [partial] };
  return {
    scratch: { partials: { length: parts * m * out } },
    launches: [
      partial,
      ...(wanted.has('weight') ? [add('dweight', rows * out, 0)] : []),
      ...(wanted.has('bias') ? [add('dbias', out, rows * out)] : []),
    ],
  };
}

/** Pixels of a segment: an image row, or about so many that the lanes of a subgroup are busy where rows are short. */
function segmentPixels(images: number, { outHeight, outWidth }: { outHeight: number; outWidth: number }): number {
  if (outWidth >= LONG_ROW) return outWidth;
  const rows = largestDivisor(outHeight, MOST_SEGMENT / outWidth);
  if (rows < outHeight) return rows * outWidth;
  return largestDivisor(images, MOST_SEGMENT / (outHeight * outWidth)) * outHeight * outWidth;
}

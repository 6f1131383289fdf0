// 2-D convolution (cross-correlation, as in PyTorch) of x [n, c, h, w] with weight [out, c/groups, kh, kw], and its
// gradients: three implicit GEMMs over channels-last images and weights packed as [kh, kw, c/groups, out].
import {
  type Axis,
  flatGrid,
  type Launch,
  launch,
  MOST_WORKGROUPS,
  NOTHING,
  type Operation,
  type Problem,
  sizeOf,
  spec,
} from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { shader as bVec4 } from '../gemm/b.vec4.wgsl.ts';
import { shader as b } from '../gemm/b.wgsl.ts';
import { shader as cVec4 } from '../gemm/c.vec4.wgsl.ts';
import { shader as c } from '../gemm/c.wgsl.ts';
import { chooseCore, coreConstants, coreGrid, coreVariants, inFours, linkCores } from '../gemm/gemm.ts';
import { rank4, show } from '../rank.ts';
import type { Shader } from '../shader.ts';
import { outputSize, type Pair, type Window, windowOf } from '../window.ts';
import { shader as backwardInputShuffle } from './backwardInput.shuffle.wgsl.ts';
import { shader as backwardInputFile } from './backwardInput.wgsl.ts';
import { shader as backwardWeightShuffle } from './backwardWeight.shuffle.wgsl.ts';
import { shader as backwardWeightFile } from './backwardWeight.wgsl.ts';
import { shader as forwardShuffle } from './forward.shuffle.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as merge } from './merge.wgsl.ts';
import { partition } from './partition.ts';
import { shader as patches } from './patches.wgsl.ts';

export interface Conv2dOptions {
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  groups?: number;
}

/** An operand file as it looks once its patches, b and c files are linked in. */
type WithBindings<S extends Shader, B> = Omit<S, 'bindings'> & { readonly bindings: S['bindings'] & B };
type Forward = WithBindings<typeof forwardFile, typeof patches.bindings & typeof b.bindings & typeof c.bindings>;
type BackwardInput = WithBindings<typeof backwardInputFile, typeof c.bindings>;
type BackwardWeight = WithBindings<typeof backwardWeightFile, typeof patches.bindings & typeof b.bindings>;

const forward = {
  scalar: linkCores('conv2d/forward', [forwardFile as unknown as Forward, patches, b, c], forwardShuffle),
  vec4: linkCores('conv2d/forward vec4', [forwardFile as unknown as Forward, patches, bVec4, cVec4], forwardShuffle),
};
const backwardInput = {
  scalar: linkCores('conv2d/backwardInput', [backwardInputFile as unknown as BackwardInput, c], backwardInputShuffle),
  vec4: linkCores(
    'conv2d/backwardInput vec4',
    [backwardInputFile as unknown as BackwardInput, cVec4],
    backwardInputShuffle,
  ),
};
const backwardWeight = {
  scalar: linkCores(
    'conv2d/backwardWeight',
    [backwardWeightFile as unknown as BackwardWeight, patches, b],
    backwardWeightShuffle,
  ),
  vec4: linkCores(
    'conv2d/backwardWeight vec4',
    [backwardWeightFile as unknown as BackwardWeight, patches, bVec4],
    backwardWeightShuffle,
  ),
};

export const conv2d: Operation<Conv2dOptions> = {
  name: 'conv2d',
  inputs: [
    { name: 'x', layout: 'channelsLast' },
    { name: 'weight', layout: 'convWeight' },
    { name: 'bias', layout: 'rowMajor', optional: true },
  ],
  variants: coreVariants,
  shaders: [forward, backwardInput, backwardWeight]
    .flatMap((pass) => Object.values(pass).flatMap((cores): Shader[] => Object.values(cores)))
    .concat(merge),

  infer({ x, weight, bias }, options) {
    const [n, channels, height, width] = rank4('conv2d', 'x', x);
    const [out, groupChannels, kernelHeight, kernelWidth] = rank4('conv2d', 'weight', weight);
    const { groups = 1 } = options;
    const given = `(x: ${show(x.shape)}, weight: ${show(weight.shape)}${groups === 1 ? '' : `, groups: ${groups}`})`;
    if (!Number.isInteger(groups) || groups < 1 || channels % groups || out % groups) {
      throw new ShapeError(`conv2d: groups must divide x's ${channels} and weight's ${out} output channels ${given}`);
    }
    // groups lie along the third dimension of the dispatch
    if (groups > 65535) throw new ShapeError(`conv2d: at most 65,535 groups, given ${groups} ${given}`);
    if (channels !== groupChannels * groups) {
      throw new ShapeError(
        `conv2d: weight expects ${groupChannels * groups} input channels but x has ${channels} ${given}`,
      );
    }
    if (bias && show(bias.shape) !== `[${out}]`)
      throw new ShapeError(`conv2d: bias must have shape [${out}], given ${show(bias.shape)} ${given}`);
    const { outHeight, outWidth } = outputSize(
      'conv2d',
      height,
      width,
      windowOf('conv2d', [kernelHeight, kernelWidth], withDefaults(options)),
    );
    return { y: spec([n, out, outHeight, outWidth]) };
  },

  forward(problem) {
    const { device, variant, inputs } = problem;
    const { images, pixels, channels, groupChannels, out, groupOut, taps, groups, window, ...sizes } =
      geometry(problem);
    const core = chooseCore(device, images * pixels, groupOut, variant);
    const { kernelHeight: _, ...windowParams } = window;
    return {
      launches: [
        launch(forward[inFours(core, groupOut) ? 'vec4' : 'scalar'][core], {
          bind: { b: 'weight', c: 'y', bias: inputs.bias ? 'bias' : NOTHING },
          constants: coreConstants(core, device),
          axes: { images: imageAxis(images, { x: inputs.x.shape, c: problem.outputs.y.shape }) },
          params: (piece) => ({
            ...windowParams,
            ...sizes,
            channels,
            groupChannels,
            m: piece.images.count * pixels,
            n: groupOut,
            k: taps * groupChannels,
            bOffset: 0,
            bRow: out,
            bColumn: 1,
            bSlice: groupOut,
            cOffset: 0,
            cRow: out,
            cSlice: groupOut,
            biasOffset: 0,
            biasSlice: groupOut,
            hasBias: inputs.bias ? 1 : 0,
          }),
          workgroups: (piece) => coreGrid(core, device, piece.images.count * pixels, groupOut, groups),
        }),
      ],
    };
  },

  saved: (wanted) => [
    ...(wanted.has('x') ? ['weight'] : []),
    ...(wanted.has('weight') || wanted.has('bias') ? ['x'] : []),
  ],

  backward(problem, wanted) {
    const toParameters =
      wanted.has('weight') || wanted.has('bias') ? parameterGradients(problem, wanted) : { launches: [] };
    return {
      ...toParameters,
      launches: [...toParameters.launches, ...(wanted.has('x') ? [inputGradient(problem)] : [])],
    };
  },
};

/** dx as an implicit GEMM over dy and the transposed weight. */
function inputGradient(problem: Problem<Conv2dOptions>): Launch {
  const { device, variant, inputs, outputs } = problem;
  const { images, height, width, outHeight, outWidth, groupChannels, channels, out, groupOut, taps, groups, window } =
    geometry(problem);
  const core = chooseCore(device, images * height * width, groupChannels, variant);
  return launch(backwardInput[inFours(core, groupChannels) ? 'vec4' : 'scalar'][core], {
    bind: { c: 'dx', bias: NOTHING },
    constants: { ...coreConstants(core, device), STRIDED: window.strideHeight * window.strideWidth > 1 ? 1 : 0 },
    axes: { images: imageAxis(images, { dy: outputs.y.shape, c: inputs.x.shape }) },
    params: (piece) => ({
      m: piece.images.count * height * width,
      n: groupChannels,
      k: taps * groupOut,
      outChannels: out,
      groupOutChannels: groupOut,
      height,
      width,
      outHeight,
      outWidth,
      kernelWidth: window.kernelWidth,
      strideHeight: window.strideHeight,
      strideWidth: window.strideWidth,
      paddingHeight: window.paddingHeight,
      paddingWidth: window.paddingWidth,
      dilationHeight: window.dilationHeight,
      dilationWidth: window.dilationWidth,
      cOffset: 0,
      cRow: channels,
      cSlice: groupChannels,
      biasOffset: 0,
      biasSlice: 0,
      hasBias: 0,
    }),
    workgroups: (piece) => coreGrid(core, device, piece.images.count * height * width, groupChannels, groups),
  });
}

/** dweight and dbias: partial sums over parts of the pixels, then the parts added up. */
function parameterGradients(problem: Problem<Conv2dOptions>, wanted: ReadonlySet<string>) {
  const { device, variant, inputs, outputs } = problem;
  const { images, pixels, channels, groupChannels, out, groupOut, taps, groups, window, ...sizes } = geometry(problem);
  const core = chooseCore(device, images * pixels, groupOut, variant);
  const rows = taps * groupChannels;
  const m = rows + (wanted.has('bias') ? 1 : 0);
  const [tiles] = coreGrid(core, device, m, groupOut, 1);
  const { units, partsPerUnit } = partition(device, {
    images,
    pixels,
    workgroups: tiles * groups,
    imageBytes: [inputs.x, outputs.y].map(({ shape }) => 4 * sizeOf(shape.slice(1))),
  });
  const unitPixels = (images / units) * pixels;
  const { kernelHeight: _, ...windowParams } = window;
  const parts = units * partsPerUnit;
  const add = (result: string, elements: number, offset: number) =>
    launch(merge, {
      bind: { result },
      params: { elements, offset, parts, partStep: m * out },
      workgroups: flatGrid(elements, 64),
    });
  const partial = launch(backwardWeight[inFours(core, groupOut) ? 'vec4' : 'scalar'][core], {
    bind: { b: 'dy' },
    constants: coreConstants(core, device),
    axes: {
      images: {
        ...imageAxis(units, { x: inputs.x.shape, b: outputs.y.shape }),
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
      outChannels: out,
      onesRow: rows,
      parts: piece.images.count * partsPerUnit,
      firstPart: piece.images.start * partsPerUnit,
      partsPerUnit,
      unitPixels,
      partPixels: Math.ceil(unitPixels / partsPerUnit),
      bOffset: 0,
      bRow: out,
      bColumn: 1,
      bSlice: groupOut,
    }),
    workgroups: (piece) => coreGrid(core, device, m, groupOut, groups * piece.images.count * partsPerUnit),
  });
  return {
    scratch: { partials: { length: parts * m * out } },
    launches: [
      partial,
      ...(wanted.has('weight') ? [add('dweight', rows * out, 0)] : []),
      ...(wanted.has('bias') ? [add('dbias', out, rows * out)] : []),
    ],
  };
}

function geometry({ inputs: { x, weight }, outputs: { y }, options }: Problem<Conv2dOptions>) {
  const [images, channels, height, width] = x.shape;
  const [out, groupChannels, kernelHeight, kernelWidth] = weight.shape;
  const [, , outHeight, outWidth] = y.shape;
  const { groups = 1 } = options;
  const window: Window = windowOf('conv2d', [kernelHeight, kernelWidth], withDefaults(options));
  const taps = kernelHeight * kernelWidth;
  const pixels = outHeight * outWidth;
  return {
    images,
    channels,
    height,
    width,
    out,
    groupChannels,
    outHeight,
    outWidth,
    pixels,
    taps,
    groups,
    groupOut: out / groups,
    window,
  };
}

function withDefaults({ stride = 1, padding = 0, dilation = 1 }: Conv2dOptions) {
  return { stride, padding, dilation };
}

/** Images, or units of several, each holding its share of the named tensors. */
function imageAxis(extent: number, shapes: Record<string, readonly number[]>): Axis {
  return {
    extent,
    slices: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, sizeOf(shape) / extent])),
  };
}

// Max pooling over [n, c, h, w]. Saves the winning tap of each window for the backward pass: four channels' in a word.
import {
  type Capabilities,
  flatGrid,
  launch,
  type Operation,
  type Problem,
  type Specs,
  sizeOf,
  spec,
} from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank4 } from '../rank.ts';
import { link, type Shader } from '../shader.ts';
import { outputSize, type Pair, pair, type Window, windowOf } from '../window.ts';
import { shader as tileFile } from './backward.tile.wgsl.ts';
import { shader as gatherFile } from './backward.wgsl.ts';
import { shader as firstWindowFile } from './firstWindow.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as packedFile } from './packed.wgsl.ts';
import { shader as scalarFile } from './scalar.wgsl.ts';

export interface MaxPool2dOptions {
  kernelSize: Pair;
  /** Default: the kernel size. */
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  /** Counts a last, partial window. */
  ceilMode?: boolean;
}

const files = { forward: forwardFile, gather: gatherFile, tile: tileFile };
const scalar = withOperand(scalarFile, '');
const packed = withOperand(packedFile, ' vec4');
/** Four taps in a word: 8 bits for each, 255 for none. */
const MOST_PACKED_TAPS = 255;

export const maxPool2d: Operation<MaxPool2dOptions> = {
  name: 'maxPool2d',
  inputs: [{ name: 'x', layout: 'channelsLast' }],
  variants: [
    { name: 'gather', idea: 'each input looks at the windows that cover it' },
    { name: 'tile', idea: 'stride 2: a thread gathers for 2x2 inputs, whose windows it reads once' },
  ],
  shaders: [...Object.values(scalar), ...Object.values(packed)],

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
    const words = c / channelsPerThread(c, window);
    return { y: spec([n, c, outHeight, outWidth]), argmax: spec([n, words, outHeight, outWidth], 'uint32') };
  },

  forward({ inputs, outputs, options, device }) {
    const { vector, shaders, params, inputElements, outputElements } = geometry(inputs, outputs, options);
    const words = outputElements / vector;
    const extent = outputs.y.shape[0];
    // four channels' state does not outlive an output cheaply: 4.0 ms against 5.7 for 2x2 over [8, 64, 56, 56]
    const columns = vector === 4 ? params.outWidth : threadsAlong(params.outWidth, device);
    const threads = params.outHeight * columns * params.channels;
    return {
      launches: [
        launch(shaders.forward, {
          axes: { n: { extent, slices: { x: inputElements, y: outputElements, argmax: words } } },
          params: ({ n }) => ({ ...params, columns, threads: n.count * threads }),
          workgroups: ({ n }) => flatGrid(n.count * threads, 64),
        }),
      ],
    };
  },

  saved: () => ['argmax'],

  backward(problem) {
    const { inputs, outputs, options, device, variant = 'tile' } = problem;
    const { vector, shaders, params, inputElements, outputElements } = geometry(inputs, outputs, options);
    const slices = { dx: inputElements, dy: outputElements, argmax: outputElements / vector };
    const axes = { n: { extent: outputs.y.shape[0], slices } };
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, ...rest } = params;
    const canTile = strideHeight === 2 && strideWidth === 2 && dilationHeight === 1 && dilationWidth === 1;
    if (variant === 'tile' && canTile) {
      const tilesHigh = tilesAlong(params.height, params.paddingHeight);
      const tilesWide = tilesAlong(params.width, params.paddingWidth);
      const columns = threadsAlong(tilesWide, device);
      const threads = tilesHigh * columns * params.channels;
      return {
        launches: [
          launch(shaders.tile, {
            axes,
            params: ({ n }) => ({ ...rest, tileSize: 4, tilesHigh, tilesWide, columns, threads: n.count * threads }),
            workgroups: ({ n }) => flatGrid(n.count * threads, 64),
          }),
        ],
      };
    }
    const columns = threadsAlong(params.width, device);
    const threads = params.height * columns * params.channels;
    return {
      launches: [
        launch(shaders.gather, {
          axes,
          params: ({ n }) => ({ ...params, columns, threads: n.count * threads }),
          workgroups: ({ n }) => flatGrid(n.count * threads, 64),
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

/**
 * Threads along a row; they take turns at its places. On an emulated GPU, where the integer divisions that
 * find a thread's place cost as much as its loads, each takes eight.
 */
function threadsAlong(extent: number, { kind }: Capabilities): number {
  return kind === 'gpu' ? extent : Math.ceil(extent / 8);
}

/** Pairs of inputs, the first of which lies at an even distance from the padding's edge or one before the input. */
function tilesAlong(extent: number, padding: number): number {
  return Math.floor((extent - 1 + padding) / 2) - Math.floor(padding / 2) + 1;
}

/** Four where their winning taps fit a word. */
function channelsPerThread(channels: number, { kernelHeight, kernelWidth }: Window): 1 | 4 {
  return channels % 4 === 0 && kernelHeight * kernelWidth <= MOST_PACKED_TAPS ? 4 : 1;
}

function geometry(inputs: Specs, outputs: Specs, options: Problem<MaxPool2dOptions>['options']) {
  const [, c, height, width] = inputs.x.shape;
  const [, , outHeight, outWidth] = outputs.y.shape;
  const window = maxPoolWindow(options);
  const vector = channelsPerThread(c, window);
  return {
    vector,
    shaders: vector === 4 ? packed : scalar,
    params: { ...window, channels: c / vector, height, width, outHeight, outWidth },
    inputElements: sizeOf(inputs.x.shape.slice(1)),
    outputElements: sizeOf(outputs.y.shape.slice(1)),
  };
}

function withOperand(operand: Shader, suffix: string): typeof files {
  const linked = Object.entries<Shader>(files).map(([pass, file]) => {
    const windows = pass === 'forward' ? [] : [firstWindowFile];
    return [pass, link(`${file.label}${suffix}`, [operand, ...windows, file])];
  });
  return Object.fromEntries(linked);
}

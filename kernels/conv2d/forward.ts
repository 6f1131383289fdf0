// A correlation of images with a kernel, some pixels of the result or all: the forward pass, and the gradient of x.
import { type Capabilities, launch, NOTHING, type Plan } from '../definition.ts';
import { shader as bVec4 } from '../gemm/b.vec4.wgsl.ts';
import { shader as b } from '../gemm/b.wgsl.ts';
import { shader as cVec4 } from '../gemm/c.vec4.wgsl.ts';
import { shader as c } from '../gemm/c.wgsl.ts';
import { aInFours, chooseCore, coreConstants, coreGrid, inFours, linkCores } from '../gemm/gemm.ts';
import type { Shader } from '../shader.ts';
import type { Window } from '../window.ts';
import { shader as walk } from './forward.walk.wgsl.ts';
import { shader as operands } from './forward.wgsl.ts';
import { shader as xVec4 } from './forward.x.vec4.wgsl.ts';
import { shader as x } from './forward.x.wgsl.ts';
import { coreOf, fitsWinograd, WINOGRAD, winograd } from './winograd.ts';

/** An operand file as it looks once its x, b and c files are linked in. */
type Linked = Omit<typeof operands, 'bindings'> & {
  readonly bindings: typeof operands.bindings & typeof x.bindings & typeof b.bindings & typeof c.bindings;
};

const file = operands as unknown as Linked;
/** By whether the channels of the result, and those of x, come in fours. */
const shaders = {
  ones: {
    ones: linkCores('conv2d/forward', [file, b, c], { walk, single: x }),
    fours: linkCores('conv2d/forward x4', [file, b, c], { walk, single: x, along: xVec4 }),
  },
  fours: {
    ones: linkCores('conv2d/forward y4', [file, bVec4, cVec4], { walk, single: x }),
    fours: linkCores('conv2d/forward x4 y4', [file, bVec4, cVec4], { walk, single: x, along: xVec4 }),
  },
};

export const forwardShaders: readonly Shader[] = Object.values(shaders)
  .flatMap((byChannels) => Object.values(byChannels))
  .flatMap((cores) => Object.values(cores));

export interface Correlation {
  /** Channels-last images. */
  readonly from: {
    readonly tensor: string;
    readonly channels: number;
    readonly groupChannels: number;
    readonly height: number;
    readonly width: number;
  };
  /** [kernelHeight, kernelWidth, from.groupChannels, columns], the columns of the groups side by side. */
  readonly weight: {
    readonly tensor: string;
    /** Elements before its first. */
    readonly offset: number;
    readonly columns: number;
    readonly groupColumns: number;
  };
  /** Channels-last images too, or every so many pixels of such. */
  readonly to: {
    readonly tensor: string;
    readonly images: number;
    /** Pixels that are computed. */
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    /** Where they lie, if not one behind the other. */
    readonly grid?: Grid;
  };
  /** Strides step in `from`. Paddings may be negative: the first window begins inside. */
  readonly window: Window;
  /** Name of a vector that is added to every pixel. */
  readonly bias?: string | undefined;
  /** Whether max(result, 0) is what is stored. */
  readonly relu?: boolean | undefined;
}

/** Elements of the result from one pixel to the next, to the next row of pixels, to the next image. */
export interface Grid {
  readonly offset: number;
  readonly step: number;
  readonly rowStep: number;
  readonly imageStep: number;
}

/**
 * One launch, cut between images where a tensor exceeds the binding limit; or Winograd's way where that is asked for.
 * @param at.variant a GEMM core, or `winograd`, which falls back where it does not fit
 */
export function correlation(
  { device, variant, groups }: { device: Capabilities; variant: string | undefined; groups: number },
  given: Correlation,
): Plan {
  if (variant === WINOGRAD && fitsWinograd(device, groups, given)) return winograd(device, given);
  const { from, weight, to, window, bias, relu = false } = given;
  const { channels, groupChannels, height, width } = from;
  const { images, grid } = to;
  const pixels = to.height * to.width;
  const n = weight.groupColumns;
  const core = chooseCore(device, images * pixels, n, coreOf(variant));
  const byChannels = shaders[inFours(core, n) ? 'fours' : 'ones'];
  const { kernelHeight: _, kernelWidth: __, ...steps } = window;
  const direct = launch(byChannels[aInFours(core, groupChannels) ? 'fours' : 'ones'][core], {
    bind: { x: from.tensor, b: weight.tensor, c: to.tensor, bias: bias ?? NOTHING },
    constants: coreConstants(core, device),
    axes: {
      images: {
        extent: images,
        slices: { x: channels * height * width, c: grid?.imageStep ?? pixels * to.channels },
      },
    },
    params: (piece) => ({
      ...segmentsOf(window, { groups, channels, groupChannels }),
      ...steps,
      m: piece.images.count * pixels,
      n,
      channels,
      groupChannels,
      height,
      width,
      rowHeight: to.height,
      rowWidth: to.width,
      bOffset: weight.offset,
      bRow: weight.columns,
      bColumn: 1,
      bSlice: n,
      cOffset: grid?.offset ?? 0,
      cSlice: n,
      cStep: grid?.step ?? to.channels,
      cRowStep: grid?.rowStep ?? 0,
      cImage: grid?.imageStep ?? 0,
      biasOffset: 0,
      biasSlice: n,
      hasBias: bias ? 1 : 0,
      relu: relu ? 1 : 0,
    }),
    workgroups: (piece) => coreGrid(core, device, piece.images.count * pixels, n, groups),
  });
  return { launches: [direct] };
}

/** A kernel row, where its taps of all channels lie side by side in the image; else one tap at a time. */
function segmentsOf(
  { kernelHeight, kernelWidth, dilationWidth }: Window,
  { groups, channels, groupChannels }: { groups: number; channels: number; groupChannels: number },
) {
  const isRow = groups === 1 && (dilationWidth === 1 || kernelWidth === 1);
  return isRow
    ? { k: kernelWidth * channels, segments: kernelHeight, segmentColumns: 1 }
    : { k: groupChannels, segments: kernelHeight * kernelWidth, segmentColumns: Math.max(1, kernelWidth) };
}

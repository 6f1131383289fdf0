// dx is a correlation of dy with the flipped weight. Of a strided convolution an input pixel meets only every so many
// taps, which ones depends on its place: the pixels of one such phase form an image that is correlated with the taps of
// that phase at stride 1, so nothing is multiplied by zeros.
import { flatGrid, launch, type Plan, type Problem } from '../definition.ts';
import { link, type Shader } from '../shader.ts';
import { shader as flipSource } from './flip.source.wgsl.ts';
import { shader as flipVec4File } from './flip.vec4.wgsl.ts';
import { shader as flipFile } from './flip.wgsl.ts';
import { correlation } from './forward.ts';
import { type Conv2dOptions, geometry } from './geometry.ts';

type Linked = Omit<typeof flipFile, 'bindings' | 'params'> & {
  readonly bindings: typeof flipFile.bindings & typeof flipSource.bindings;
  readonly params: typeof flipSource.params;
};

const flip = link('conv2d/flip', [flipSource, flipFile]) as unknown as Linked;
const flipVec4 = link('conv2d/flip.vec4', [flipSource, flipVec4File]) as unknown as Linked;
export const backwardInputShaders: readonly Shader[] = [flip, flipVec4];

export function inputGradient(problem: Problem<Conv2dOptions>): Required<Plan> {
  const { device, variant } = problem;
  const { images, channels, groupChannels, height, width, out, groupOut, outHeight, outWidth, groups, window } =
    geometry(problem);
  const { kernelHeight, kernelWidth } = window;
  const down = phases({
    extent: height,
    taps: kernelHeight,
    stride: window.strideHeight,
    padding: window.paddingHeight,
    dilation: window.dilationHeight,
  });
  const right = phases({
    extent: width,
    taps: kernelWidth,
    stride: window.strideWidth,
    padding: window.paddingWidth,
    dilation: window.dilationWidth,
  });
  const isInFours = groupChannels % 4 === 0 && groupOut % 4 === 0;
  const plans: Plan[] = [];
  let offset = 0;
  for (const rows of down) {
    for (const columns of right) {
      const taps = rows.taps * columns.taps;
      const elements = taps * groupOut * channels;
      if (taps > 0) {
        const threads = isInFours ? elements / 16 : elements;
        const params = {
          elements: threads,
          offset,
          tapRows: rows.taps,
          tapColumns: columns.taps,
          firstRow: rows.firstTap,
          rowStep: rows.tapStep,
          firstColumn: columns.firstTap,
          columnStep: columns.tapStep,
          kernelWidth,
          channels,
          groupChannels,
          outChannels: out,
          groupOutChannels: groupOut,
        };
        plans.push({ launches: [launch(isInFours ? flipVec4 : flip, { params, workgroups: flatGrid(threads, 64) })] });
      }
      plans.push(
        correlation(
          { device, variant, groups },
          {
            from: { tensor: 'dy', channels: out, groupChannels: groupOut, height: outHeight, width: outWidth },
            weight: { tensor: 'flipped', offset, columns: channels, groupColumns: groupChannels },
            to: {
              ...{ tensor: 'dx', images, height: rows.count, width: columns.count, channels },
              grid: {
                offset: (rows.phase * width + columns.phase) * channels,
                step: window.strideWidth * channels,
                rowStep: window.strideHeight * width * channels,
                imageStep: height * width * channels,
              },
            },
            window: {
              ...{ kernelHeight: rows.taps, kernelWidth: taps > 0 ? columns.taps : 0 },
              ...{ strideHeight: 1, strideWidth: 1 },
              ...{ paddingHeight: rows.padding, paddingWidth: columns.padding },
              ...{ dilationHeight: rows.dilation, dilationWidth: columns.dilation },
            },
          },
        ),
      );
      offset += elements;
    }
  }
  return {
    scratch: Object.assign({ flipped: { length: Math.max(1, offset) } }, ...plans.map(({ scratch }) => scratch)),
    launches: plans.flatMap(({ launches }) => launches),
  };
}

interface Phase {
  /** Its pixels are phase, phase + stride, … */
  readonly phase: number;
  readonly count: number;
  /** Taps that meet its pixels: firstTap, firstTap + tapStep, … */
  readonly taps: number;
  readonly firstTap: number;
  readonly tapStep: number;
  /** Output pixels from one of these taps to the next. */
  readonly dilation: number;
  /** Output pixels before the first that the first pixel's taps, read backwards, begin at. */
  readonly padding: number;
}

/** Along one dimension. Input pixel `i` and tap `r` meet in the output pixel `(i + padding - r * dilation) / stride`. */
function phases(along: { extent: number; taps: number; stride: number; padding: number; dilation: number }): Phase[] {
  const { extent, taps, stride, padding, dilation } = along;
  const tapStep = stride / greatestCommonDivisor(stride, dilation);
  return Array.from({ length: Math.min(stride, extent) }, (_, phase) => {
    const count = Math.ceil((extent - phase) / stride);
    const meets = Array.from({ length: taps }, (_, tap) => tap).filter(
      (tap) => (phase + padding - tap * dilation) % stride === 0,
    );
    const step = (tapStep * dilation) / stride;
    const firstTap = meets[0] ?? 0;
    const last = (phase + padding - firstTap * dilation) / stride;
    const before = meets.length > 0 ? (meets.length - 1) * step - last : 0;
    return { phase, count, taps: meets.length, firstTap, tapStep, dilation: step, padding: before };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

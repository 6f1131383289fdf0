// Winograd's minimal filtering F(4x4, 3x3): 3x3 correlations of stride 1 with a quarter of the multiplications, as 36
// matrix products between two transforms. Lavin and Gray 2016, https://arxiv.org/abs/1509.09308
// Measured on lavapipe: forward pass of 128 channels at 28x28 2.0 times as fast as the wide core, of 64 at 56x56 1.4. Its
// error is 4 to 6 times that of direct sums: 3e-6 of the largest output for 64 input channels, 9e-6 for 512. Through a
// deep network that becomes visible (gradient norms of GoogLeNet 1e-3 from PyTorch's instead of 6e-6), so it is a variant
// that one asks for, as the tuner does, and not what is chosen unasked.
import { type Capabilities, flatGrid, launch, NOTHING, type Plan } from '../definition.ts';
import { stridedProduct } from '../gemm/strided.ts';
import type { Shader } from '../shader.ts';
import type { Correlation } from './forward.ts';
import { shader as weightTransform } from './winograd.weight.wgsl.ts';
import { shader as xTransform } from './winograd.x.wgsl.ts';
import { shader as yTransform } from './winograd.y.wgsl.ts';

/** Name of the variant. */
export const WINOGRAD = 'winograd';

export const winogradShaders: readonly Shader[] = [weightTransform, xTransform, yTransform];

/** Products of a tile: 6 x 6. */
const POINTS = 36;

/** The GEMM core a variant asks for, where Winograd's way does not apply. */
export function coreOf(variant: string | undefined): string | undefined {
  return variant === WINOGRAD ? undefined : variant;
}

/** Whether it can compute this correlation: 3x3, stride 1, no dilation, channels in fours, scratch that can be bound. */
export function fitsWinograd(device: Capabilities, groups: number, correlation: Correlation): boolean {
  const { from, weight, to, window } = correlation;
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = window;
  const isPlain = [groups, strideHeight, strideWidth, dilationHeight, dilationWidth].every((value) => value === 1);
  const isDense = !to.grid || (to.grid.step === to.channels && to.grid.rowStep === to.width * to.channels);
  const isInFours = from.channels % 4 === 0 && to.channels % 4 === 0 && weight.offset % 4 === 0;
  const channels = Math.max(from.channels, to.channels);
  const bytes =
    4 *
    Math.max(
      POINTS * tilesOf(correlation).tiles * channels,
      POINTS * from.channels * to.channels,
      to.images * Math.max(from.height * from.width * from.channels, to.height * to.width * to.channels),
    );
  return kernelHeight === 3 && kernelWidth === 3 && isPlain && isDense && isInFours && bytes <= device.bindingLimit;
}

/** The four launches. */
export function winograd(device: Capabilities, correlation: Correlation): Required<Plan> {
  const { from, weight, to, window, bias, relu } = correlation;
  const { tiles, tileRows, tileColumns } = tilesOf(correlation);
  const [inFours, outFours] = [from.channels / 4, to.channels / 4];
  const threads = { x: tiles * inFours, weight: from.channels * outFours, y: tiles * outFours };
  const matrix = (tensor: string, rows: number, columns: number) => ({
    ...{ tensor, row: columns, column: 1, slice: rows * columns },
  });
  return {
    scratch: {
      transformedWeight: { length: POINTS * from.channels * to.channels },
      transformedX: { length: POINTS * tiles * from.channels },
      products: { length: POINTS * tiles * to.channels },
    },
    launches: [
      launch(weightTransform, {
        bind: { weight: weight.tensor, transformed: 'transformedWeight' },
        params: { threads: threads.weight, offset: weight.offset / 4 },
        workgroups: flatGrid(threads.weight, 64),
      }),
      launch(xTransform, {
        bind: { x: from.tensor, transformed: 'transformedX' },
        params: {
          ...{ threads: threads.x, tiles, tileRows, tileColumns, channels: inFours },
          ...{ height: from.height, width: from.width },
          ...{ paddingHeight: window.paddingHeight, paddingWidth: window.paddingWidth },
        },
        workgroups: flatGrid(threads.x, 64),
      }),
      stridedProduct(device, {
        ...{ m: tiles, n: to.channels, k: from.channels, slices: POINTS },
        a: matrix('transformedX', tiles, from.channels),
        b: matrix('transformedWeight', from.channels, to.channels),
        c: matrix('products', tiles, to.channels),
      }),
      launch(yTransform, {
        bind: { y: to.tensor, bias: bias ?? NOTHING },
        params: {
          ...{ threads: threads.y, tiles, tileRows, tileColumns, channels: outFours },
          ...{ height: to.height, width: to.width, hasBias: bias ? 1 : 0, relu: relu ? 1 : 0 },
        },
        workgroups: flatGrid(threads.y, 64),
      }),
    ],
  };
}

/** Tiles of 4x4 pixels that cover the result. */
function tilesOf({ to: { images, height, width } }: Correlation) {
  const [tileRows, tileColumns] = [Math.ceil(height / 4), Math.ceil(width / 4)];
  return { tiles: images * tileRows * tileColumns, tileRows, tileColumns };
}

// From a picture's bytes to a network's input in one go: antialiased resize, crop, and normalisation, with the levels
// that Pillow's resize gives, bit for bit.
import { flatGrid, launch, type Operation, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank2 } from '../rank.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as tapsFile } from './taps.wgsl.ts';

export interface ResizeNormalizeOptions {
  /** [height, width] that the whole picture is resized to. */
  resized: readonly [height: number, width: number];
  /** [top, left] of the crop in the resized picture; negative ones add black before it. */
  offset: readonly [top: number, left: number];
  /** [height, width] of the crop; what lies outside the picture is black. */
  crop: readonly [height: number, width: number];
  /** One entry makes the picture grey first; three are red, green, blue. In units of 255 levels. */
  mean: readonly number[];
  std: readonly number[];
}

/** The long division in taps.wgsl holds 24 bits. */
const MAX_WEIGHT_SUM = 2 ** 24;
/** Positions in taps.wgsl are 32-bit integers. */
const MAX_POSITION = 2 ** 30;

export const resizeNormalize: Operation<ResizeNormalizeOptions> = {
  name: 'resizeNormalize',
  inputs: [{ name: 'x', layout: 'rowMajor', dtype: 'uint32', differentiable: false }],
  shaders: [tapsFile, forwardFile],

  infer({ x }, { resized, offset, crop, mean, std }) {
    const [height, width] = rank2('resizeNormalize', 'x', x);
    const sizes = [...resized, ...crop];
    if (!sizes.every((size) => Number.isInteger(size) && size > 0) || !offset.every(isPosition)) {
      throw new ShapeError(
        `resizeNormalize: sizes must be positive integers, offsets integers within 2^30, given resized ${resized}, crop ${crop}, offset ${offset}`,
      );
    }
    if ((mean.length !== 1 && mean.length !== 3) || std.length !== mean.length) {
      throw new ShapeError(
        `resizeNormalize: mean and std have 1 entry (grey) or 3 (RGB), given ${mean.length} and ${std.length}`,
      );
    }
    if (!mean.every(Number.isFinite) || !std.every((value) => value > 0 && Number.isFinite(value))) {
      throw new ShapeError(`resizeNormalize: mean must be finite and std positive, given mean ${mean}, std ${std}`);
    }
    axisOf('height', { inputs: height, resized: resized[0], before: offset[0], coordinates: crop[0] });
    axisOf('width', { inputs: width, resized: resized[1], before: offset[1], coordinates: crop[1] });
    return { y: spec([1, mean.length, ...crop]) };
  },

  forward({ inputs, options: { resized, offset, crop, mean, std } }) {
    const [height, width] = inputs.x.shape;
    const [outHeight, outWidth] = crop;
    const channels = mean.length;
    const rows = axisOf('height', { inputs: height, resized: resized[0], before: offset[0], coordinates: outHeight });
    const columns = axisOf('width', { inputs: width, resized: resized[1], before: offset[1], coordinates: outWidth });
    return {
      scratch: {
        rows: { length: outHeight * rows.row, dtype: 'uint32' },
        columns: { length: outWidth * columns.row, dtype: 'uint32' },
      },
      launches: [
        launch(tapsFile, { bind: { taps: 'rows' }, params: rows, workgroups: flatGrid(outHeight, 64) }),
        launch(tapsFile, { bind: { taps: 'columns' }, params: columns, workgroups: flatGrid(outWidth, 64) }),
        launch(forwardFile, {
          axes: { row: { extent: outHeight, slices: { y: outWidth * channels } } },
          params: ({ row }) => ({
            outputs: row.count * outWidth,
            firstRow: row.start,
            width,
            outWidth,
            channels,
            columnRow: columns.row,
            rowRow: rows.row,
            mean0: mean[0],
            mean1: mean[1] ?? 0,
            mean2: mean[2] ?? 0,
            std0: std[0],
            std1: std[1] ?? 1,
            std2: std[2] ?? 1,
          }),
          workgroups: ({ row }) => flatGrid(row.count * outWidth, 64),
        }),
      ],
    };
  },
};

function isPosition(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < MAX_POSITION;
}

/** The params of taps.wgsl. @throws ShapeError for a picture shrunk beyond what its integers hold */
function axisOf(
  side: 'height' | 'width',
  { inputs, resized, ...rest }: { inputs: number; resized: number; before: number; coordinates: number },
) {
  const divisor = greatestCommonDivisor(inputs, resized);
  const [inputScale, resizedScale] = [inputs / divisor, resized / divisor];
  const support = 2 * Math.max(inputScale, resizedScale);
  const weightSum = support * (support / (2 * resizedScale) + 1);
  if (weightSum >= MAX_WEIGHT_SUM || 2 * (inputs + resized) * Math.max(inputScale, resizedScale) >= MAX_POSITION) {
    throw new ShapeError(
      `resizeNormalize: ${side} ${inputs} resized to ${resized} exceeds 32-bit integers; resize in two steps`,
    );
  }
  const row = 2 + 2 * Math.ceil(Math.max(inputs / resized, 1)) + 1;
  return { ...rest, inputs, resized, inputScale, resizedScale, row };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

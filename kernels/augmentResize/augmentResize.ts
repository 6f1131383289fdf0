// A batch resized in the two passes of Pillow, the weights given: every sample may take its own part of the picture, and
// its own selection of the resized rows and columns, so that crops, flips and paddings behind a resize cost nothing.

import { shader as fillFile } from '../augmentGather/fill.wgsl.ts';
import { fillParams } from '../augmentGather/fills.ts';
import { flatGrid, launch, type Operation, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank2, show } from '../rank.ts';
import { link } from '../shader.ts';
import { shader as acrossFile } from './across.wgsl.ts';
import { shader as downFile } from './down.wgsl.ts';
import { shader as fixedPointFile } from './fixedPoint.wgsl.ts';

export interface AugmentResizeOptions {
  /** [height, width] of every sample of the result. */
  readonly size: readonly [height: number, width: number];
  /** What the plan's entry -1 shows, then -2, …: at most four, red in the lowest byte. Default none. */
  readonly fills?: readonly number[];
}

const across = link('augmentResize/across', [acrossFile, fixedPointFile]);
const down = link('augmentResize/down', [downFile, fixedPointFile, fillFile]);

/**
 * `x` uint32 `[n, h, w]`, three levels a pixel. `taps` int32 `[rows, 2 + k]`: the first input coordinate, the number of
 * weights, the weights in units of 2^-22, whose magnitudes may sum to 2 at most. `plan` int32 `[n, 2 + oh + ow]`: top
 * and left of the part that the coordinates count from, then for each row and each column of the result its row of
 * `taps`, or -1 - i for fill i, the larger i winning where both do. `y` uint32 `[n, oh, ow]`.
 */
export const augmentResize: Operation<AugmentResizeOptions> = {
  name: 'augmentResize',
  inputs: [
    { name: 'x', layout: 'rowMajor', dtype: 'uint32', differentiable: false },
    { name: 'plan', layout: 'rowMajor', dtype: 'int32', differentiable: false },
    { name: 'taps', layout: 'rowMajor', dtype: 'int32', differentiable: false },
  ],
  shaders: [across, down],

  infer({ x, plan, taps }, { size, fills = [] }) {
    if (x.shape.length !== 3) {
      throw new ShapeError(`augmentResize: x must have shape [n, h, w], given ${show(x.shape)}`);
    }
    const [n, entries] = rank2('augmentResize', 'plan', plan);
    const [, tapRow] = rank2('augmentResize', 'taps', taps);
    if (!size.every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw new ShapeError(`augmentResize: size is two positive integers, given ${show(size)}`);
    }
    if (n !== x.shape[0] || entries !== 2 + size[0] + size[1]) {
      throw new ShapeError(
        `augmentResize: the plan of ${x.shape[0]} samples of ${show(size)} is [n, 2 + height + width], given ${show(plan.shape)}`,
      );
    }
    if (tapRow < 3)
      throw new ShapeError(`augmentResize: a row of taps has 3 entries or more, given ${show(taps.shape)}`);
    fillParams('augmentResize', fills);
    return { y: spec([n, ...size], 'uint32') };
  },

  forward({ inputs: { x, taps }, options: { size, fills = [] } }) {
    const [n, height, width] = x.shape;
    const [outHeight, outWidth] = size;
    const tapRow = taps.shape[1];
    const sizes = { height, outHeight, outWidth, tapRow };
    return {
      scratch: { resized: { length: n * height * outWidth, dtype: 'uint32' } },
      launches: [
        launch(across, {
          axes: { sample: { extent: n, slices: { x: height * width, resized: height * outWidth } } },
          params: ({ sample }) => ({
            outputs: sample.count * height * outWidth,
            firstSample: sample.start,
            width,
            ...sizes,
          }),
          workgroups: ({ sample }) => flatGrid(sample.count * height * outWidth, 64),
        }),
        launch(down, {
          axes: { sample: { extent: n, slices: { resized: height * outWidth, y: outHeight * outWidth } } },
          params: ({ sample }) => ({
            outputs: sample.count * outHeight * outWidth,
            firstSample: sample.start,
            ...sizes,
            ...fillParams('augmentResize', fills),
          }),
          workgroups: ({ sample }) => flatGrid(sample.count * outHeight * outWidth, 64),
        }),
      ],
    };
  },
};

// A batch out of a data set that lies on the device as bytes: each sample's pixels by its own table of rows and columns,
// so that any chain of crops, flips and paddings is one launch.
import { flatGrid, launch, type Operation, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank2, show } from '../rank.ts';
import { link } from '../shader.ts';
import { shader as fillFile } from './fill.wgsl.ts';
import { fillParams } from './fills.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

export interface AugmentGatherOptions {
  /** [c, h, w] of every image, c being 1 or 3. */
  readonly image: readonly [channels: number, height: number, width: number];
  /** [height, width] of every sample. */
  readonly size: readonly [height: number, width: number];
  /** What the plan's entry -1 shows, then -2, …: at most four, red in the lowest byte. Default none. */
  readonly fills?: readonly number[];
}

const forward = link('augmentGather/forward', [forwardFile, fillFile]);

/**
 * `images` uint32 `[count, words]`: the bytes of each image in planes, the first in the lowest byte of a word, the last
 * word filled up. `plan` int32 `[n, 1 + height + width]`: a sample's image, the image's row that each of its rows shows,
 * then the columns; a negative entry -1 - i shows fill i, the larger i winning where row and column both do. Images and
 * rows must exist: the kernel cannot ask. `y` uint32 `[n, height, width]`, red in the lowest byte,
 * three equal levels where the images are grey.
 */
export const augmentGather: Operation<AugmentGatherOptions> = {
  name: 'augmentGather',
  inputs: [
    { name: 'images', layout: 'rowMajor', dtype: 'uint32', differentiable: false },
    { name: 'plan', layout: 'rowMajor', dtype: 'int32', differentiable: false },
  ],
  shaders: [forward],

  infer({ images, plan }, { image, size, fills = [] }) {
    const [, words] = rank2('augmentGather', 'images', images);
    const [n, entries] = rank2('augmentGather', 'plan', plan);
    const [channels, height, width] = image;
    if (
      ![...image, ...size].every((extent) => Number.isInteger(extent) && extent > 0) ||
      (channels !== 1 && channels !== 3)
    ) {
      throw new ShapeError(
        `augmentGather: image is [c, h, w] with c 1 or 3, size [h, w], given ${show(image)} and ${show(size)}`,
      );
    }
    if (words !== Math.ceil((channels * height * width) / 4)) {
      throw new ShapeError(`augmentGather: an image of ${show(image)} does not have ${words} words`);
    }
    if (entries !== 1 + size[0] + size[1]) {
      throw new ShapeError(
        `augmentGather: a sample of ${show(size)} has 1 + height + width entries in the plan, given ${show(plan.shape)}`,
      );
    }
    fillParams('augmentGather', fills);
    return { y: spec([n, ...size], 'uint32') };
  },

  forward({ inputs: { images, plan }, options: { image, size, fills = [] } }) {
    const [imageCount, imageWords] = images.shape;
    const [channels, height, width] = image;
    const [outHeight, outWidth] = size;
    const outPixels = outHeight * outWidth;
    return {
      launches: [
        launch(forward, {
          axes: {
            image: { extent: imageCount, slices: { images: imageWords } },
            sample: { extent: plan.shape[0], slices: { y: outPixels } },
          },
          params: ({ image: bound, sample }) => ({
            outputs: sample.count * outPixels,
            firstSample: sample.start,
            firstImage: bound.start,
            imageCount: bound.count,
            imageWords,
            channels,
            height,
            width,
            outHeight,
            outWidth,
            ...fillParams('augmentGather', fills),
          }),
          workgroups: ({ sample }) => flatGrid(sample.count * outPixels, 64),
        }),
      ],
    };
  },
};

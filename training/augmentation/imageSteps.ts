// Each transform of images as steps on the device.
import { cropOffset } from '../../datasets/images/centerCrop.ts';
import { checkSize } from '../../datasets/images/image.ts';
import type { Sides } from '../../datasets/images/pad.ts';
import { resizedSize } from '../../datasets/images/resize.ts';
import { Random } from '../../datasets/random.ts';
import type { Transform } from '../../datasets/transforms/transform.ts';
import type { Enhancement } from '../../kernels/augmentBlend/blendTable.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { AugmentationBuilder } from './augmentationBuilder.ts';
import { cropped, flippedHorizontally, flippedVertically } from './geometry.ts';
import type { TransformFields } from './transformFields.ts';

type ImageSteps = {
  readonly [Type in keyof TransformFields]: (builder: AugmentationBuilder, transform: TransformFields[Type]) => void;
};

/** Adds a transform to a chain, by its type. @throws ShapeError for arguments that the device has no kernel for */
export const imageSteps: ImageSteps = {
  CenterCrop(builder, transform) {
    const [height, width] = sizeOf(transform, transform.size);
    const [before, across] = builder.size;
    const top = cropOffset(before, height);
    const left = cropOffset(across, width);
    const right = Math.max(width - across + left, 0);
    const bottom = Math.max(height - before + top, 0);
    const isSmaller: Sides = [Math.max(-left, 0), Math.max(-top, 0), left < 0 ? right : 0, top < 0 ? bottom : 0];
    padBy(builder, transform, isSmaller, { fill: 0 });
    const rectangle = { top: Math.max(top, 0), left: Math.max(left, 0), height, width };
    builder.rewrite([height, width], (geometry) => cropped(geometry, rectangle));
  },

  ColorJitter(builder, transform) {
    const image = imageOf(builder);
    const enhancements = (random: Random) => {
      const drawn = transform.draw(random, image);
      return drawn.order.flatMap((kind) =>
        kind === 'hue' || drawn[kind] === null ? [] : [{ kind, factor: drawn[kind] }],
      );
    };
    const probe = transform.draw(new Random(), image);
    if (probe.hue !== null) {
      throw new ShapeError(
        `${transform}: hue turns in floating point that adapters round differently, so it runs on the CPU only; leave it out here`,
      );
    }
    builder.blend(enhancements(new Random()).length, enhancements);
  },

  Grayscale(builder, transform) {
    greyBy(builder, () => true);
    builder.channels = transform.numOutputChannels ?? 1;
  },

  Pad(builder, transform) {
    padBy(builder, transform, paddingOf(transform, transform.padding ?? 0), transform);
  },

  RandomCrop(builder, transform) {
    const image = imageOf(builder);
    const [height, width] = sizeOf(transform, transform.size);
    if (transform.padding) padBy(builder, transform, paddingOf(transform, transform.padding), transform);
    if (transform.padIfNeeded) {
      // both sides by all that is missing: as torchvision
      const rows = Math.max(height - builder.size[0], 0);
      const columns = Math.max(width - builder.size[1], 0);
      padBy(builder, transform, [columns, rows, columns, rows], transform);
    }
    transform.draw(new Random(), image); // throws now what it would throw at the first batch
    builder.rewrite([height, width], (geometry, random) =>
      cropped(geometry, { ...transform.draw(random, image), height, width }),
    );
  },

  RandomGrayscale(builder, transform) {
    const image = imageOf(builder);
    greyBy(builder, (random) => transform.draw(random, image));
  },

  RandomHorizontalFlip(builder, transform) {
    const image = imageOf(builder);
    builder.rewrite(builder.size, (geometry, random) =>
      transform.draw(random, image) ? flippedHorizontally(geometry) : geometry,
    );
  },

  RandomResizedCrop(builder, transform) {
    checkBilinear(transform);
    const image = imageOf(builder);
    builder.resize(sizeOf(transform, transform.size), (random) => transform.draw(random, image));
  },

  RandomVerticalFlip(builder, transform) {
    const image = imageOf(builder);
    builder.rewrite(builder.size, (geometry, random) =>
      transform.draw(random, image) ? flippedVertically(geometry) : geometry,
    );
  },

  Resize(builder, transform) {
    checkBilinear(transform);
    if (transform.maxSize) throw new ShapeError(`${transform}: maxSize is not supported on the device`);
    const { size } = transform;
    const [first, second = undefined] = typeof size === 'number' ? [size] : size;
    const [height, width] = resizedSize(imageOf(builder), second === undefined ? first : [first, second]);
    if (height !== builder.size[0] || width !== builder.size[1]) builder.resize([height, width]);
  },
};

function imageOf({ size: [height, width] }: AugmentationBuilder): { height: number; width: number } {
  return { height, width };
}

function sizeOf(transform: Transform, size: TransformFields['CenterCrop']['size']): readonly [number, number] {
  const [height, width = height] = typeof size === 'number' ? [size] : size;
  return checkSize(`${transform}`, [height, width]);
}

function checkBilinear(transform: TransformFields['Resize'] | TransformFields['RandomResizedCrop']): void {
  const { interpolation = 'bilinear' } = transform;
  if (interpolation !== 'bilinear') {
    throw new ShapeError(`${transform}: the device resizes bilinearly, given ${interpolation}`);
  }
}

/** A saturation of zero is PIL's luma in each channel. */
function greyBy(builder: AugmentationBuilder, isGrey: (random: Random) => boolean): void {
  const kind: Enhancement = 'saturation';
  builder.blend(1, (random) => [{ kind, factor: isGrey(random) ? 0 : null }]);
}

function padBy(
  builder: AugmentationBuilder,
  transform: Transform,
  padding: Sides,
  { fill = 0, paddingMode = 'constant' }: Pick<TransformFields['Pad'], 'fill' | 'paddingMode'>,
): void {
  const levels = typeof fill === 'number' ? [fill, fill, fill] : fill;
  const isColour = levels.length === 3 && levels.every((level) => Number.isInteger(level) && level >= 0 && level < 256);
  if (!isColour) throw new ShapeError(`${transform}: fill is a level 0 to 255 or three of them, given ${fill}`);
  builder.pad(padding, paddingMode, levels[0] + 256 * levels[1] + 65536 * levels[2]);
}

function paddingOf(transform: Transform, padding: number | readonly number[]): Sides {
  const given = typeof padding === 'number' ? [padding] : padding;
  const [left, top = left, right = left, bottom = top] = given;
  const sides: Sides = [left, top, right, bottom];
  if (![1, 2, 4].includes(given.length) || !sides.every((side) => Number.isInteger(side) && side >= 0)) {
    throw new ShapeError(`${transform}: the device pads by 1, 2 or 4 whole numbers from 0, given ${padding}`);
  }
  return sides;
}

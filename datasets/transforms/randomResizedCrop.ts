import type { Rectangle } from '../images/crop.ts';
import { crop } from '../images/crop.ts';
import { checkSize, type Image } from '../images/image.ts';
import { INTERPOLATIONS, type Interpolation, resize } from '../images/resize.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkChoice, checkRange, type SquareOrSize } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { float, tuple } from './pythonText.ts';
import { randomRectangle, roundHalfToEven } from './randomRectangle.ts';
import type { TensorImage } from './transform.ts';

export interface RandomResizedCropOptions {
  /** Least and greatest area, as a share of the image's. Default [0.08, 1]. */
  readonly scale?: readonly number[];
  /** Least and greatest width over height, drawn evenly in its logarithm. Default [3/4, 4/3]. */
  readonly ratio?: readonly number[];
  /** Default `bilinear`. */
  readonly interpolation?: Interpolation;
}

/**
 * A rectangle of random area, proportions and place, resized: the augmentation of GoogLeNet's training.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomResizedCrop.html
 */
export class RandomResizedCrop extends ArgumentTransform {
  readonly type = 'RandomResizedCrop';
  readonly size: readonly [height: number, width: number];
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly interpolation: Interpolation;

  /** @throws ShapeError for sizes, ranges or filters that make no sense */
  constructor(
    size: SquareOrSize,
    { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], interpolation = 'bilinear' }: RandomResizedCropOptions = {},
  ) {
    super();
    this.size = checkSize('RandomResizedCrop', size);
    this.scale = checkRange('RandomResizedCrop: scale', scale, { low: 0, isAbove: true });
    this.ratio = checkRange('RandomResizedCrop: ratio', ratio, { low: 0, isAbove: true });
    this.interpolation = checkChoice('RandomResizedCrop: interpolation', interpolation, INTERPOLATIONS);
  }

  /** Ten tries; then the largest rectangle in the middle whose proportions are legal. */
  draw(random: Random, { height, width }: { height: number; width: number }): Rectangle {
    const drawn = randomRectangle(random, { height, width, scale: this.scale, ratio: this.ratio });
    if (drawn) return drawn;
    const [narrowest, widest] = this.ratio;
    const proportions = width / height;
    // at least a pixel: torchvision fails where nothing is left
    const rows = proportions < narrowest ? Math.max(roundHalfToEven(width / narrowest), 1) : height;
    const columns = proportions > widest ? Math.max(roundHalfToEven(height * widest), 1) : width;
    const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
    return { top, left, height: rows, width: columns };
  }

  call(x: Image | TensorImage, random: Random): Image {
    const image = imageFor(this.type, x);
    return resize(crop(image, this.draw(random, image)), this.size, { interpolation: this.interpolation });
  }

  protected describe(): string {
    const { size, scale, ratio, interpolation } = this;
    return `size=${tuple(size)}, scale=${tuple(scale, float)}, ratio=${tuple(ratio, float)}, interpolation=${interpolation}, antialias=None`;
  }
}

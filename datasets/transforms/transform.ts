// What flows through transforms, and what a transform is.
import type { Image } from '../images/image.ts';
import type { Random } from '../random.ts';

/** An image as a network reads it: float32, row-major, [c, h, w]. What `ToTensor` makes of an `Image`. */
export interface TensorImage {
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/**
 * One step from an image to a network's input. Its fields are its arguments, so `toJSON` describes it whole:
 * `transformFromJSON` makes it again in a worker.
 */
export interface Transform {
  /** torchvision's name: `RandomCrop`. */
  readonly type: string;
  /**
   * @param random draws what is random in it; a transform without randomness draws nothing
   * @throws ShapeError for what it cannot take, naming both
   */
  call(x: Image | TensorImage, random: Random): Image | TensorImage;
  /** Its name and its arguments. */
  toJSON(): { readonly type: string; readonly [argument: string]: unknown };
  /** As torchvision prints it: `CenterCrop(size=(224, 224))`. */
  toString(): string;
}

// The base of all transforms: their fields are their arguments, so they describe themselves.
import type { Image } from '../images/image.ts';
import type { Random } from '../random.ts';
import type { TensorImage, Transform } from './transform.ts';

export abstract class ArgumentTransform implements Transform {
  abstract readonly type: string;

  abstract call(x: Image | TensorImage, random: Random): Image | TensorImage;

  /** What torchvision prints between the parentheses. */
  protected abstract describe(): string;

  toJSON(): { readonly type: string; readonly [argument: string]: unknown } {
    return { ...this } as { type: string };
  }

  toString(): string {
    return `${this.type}(${this.describe()})`;
  }
}

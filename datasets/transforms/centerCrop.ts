import { centerCrop } from '../images/centerCrop.ts';
import { checkSize, type Image } from '../images/image.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import type { SquareOrSize } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { tuple } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

/**
 * The middle; black around it where the image is smaller.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 */
export class CenterCrop extends ArgumentTransform {
  readonly type = 'CenterCrop';
  readonly size: readonly [height: number, width: number];

  /** @throws ShapeError for a size that is no positive integer */
  constructor(size: SquareOrSize) {
    super();
    this.size = checkSize('CenterCrop', size);
  }

  call(x: Image | TensorImage): Image {
    return centerCrop(imageFor(this.type, x), this.size);
  }

  protected describe(): string {
    return `size=${tuple(this.size)}`;
  }
}

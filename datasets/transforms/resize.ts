import { ShapeError } from '../../kernels/errors.ts';
import { checkSize, type Image } from '../images/image.ts';
import { INTERPOLATIONS, type Interpolation, resize, resizedSize } from '../images/resize.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkChoice, type SquareOrSize } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { numberOrTuple } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

export interface ResizeOptions {
  /** Pillow's filters, antialiased but for `nearest`. Default `bilinear`. */
  readonly interpolation?: Interpolation;
  /** Longest side that may come out when `size` is one number: the shorter gives way. Default none. */
  readonly maxSize?: number | null;
}

/**
 * Resizes as Pillow, bit for bit. https://pytorch.org/vision/stable/generated/torchvision.transforms.Resize.html
 */
export class Resize extends ArgumentTransform {
  readonly type = 'Resize';
  readonly size: SquareOrSize;
  readonly interpolation: Interpolation;
  readonly maxSize: number | null;

  /**
   * @param size pixels of the shorter side (the longer one follows, rounded down), or [height, width]
   * @throws ShapeError for sizes that are no positive integers, or a maxSize that is not above `size`
   */
  constructor(size: SquareOrSize, { interpolation = 'bilinear', maxSize = null }: ResizeOptions = {}) {
    super();
    checkSize('Resize', size);
    this.size = size;
    this.interpolation = checkChoice('Resize: interpolation', interpolation, INTERPOLATIONS);
    if (maxSize !== null && !(typeof size === 'number' && Number.isInteger(maxSize) && maxSize > size)) {
      throw new ShapeError(`Resize: maxSize is an integer above a size of one number, given ${maxSize} and ${size}`);
    }
    this.maxSize = maxSize;
  }

  call(x: Image | TensorImage): Image {
    const image = imageFor(this.type, x);
    return resize(image, this.#sizeFor(image), { interpolation: this.interpolation });
  }

  #sizeFor(image: Image): readonly [height: number, width: number] {
    const [height, width] = resizedSize(image, this.size);
    const long = Math.max(height, width);
    if (this.maxSize === null || long <= this.maxSize) return [height, width];
    const short = Math.max(Math.trunc((this.maxSize * Math.min(height, width)) / long), 1);
    return width <= height ? [this.maxSize, short] : [short, this.maxSize];
  }

  protected describe(): string {
    const maxSize = this.maxSize ?? 'None';
    return `size=${numberOrTuple(this.size)}, interpolation=${this.interpolation}, max_size=${maxSize}, antialias=None`;
  }
}

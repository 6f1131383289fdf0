import { ShapeError } from '../../kernels/errors.ts';
import { crop } from '../images/crop.ts';
import { checkSize, type Image } from '../images/image.ts';
import { type PaddingMode, type PadOptions, pad, type Sides } from '../images/pad.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import type { SquareOrSize } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { checkPadOptions, type Padding, sidesOf } from './padding.ts';
import { numberOrTuple, tuple } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

export interface RandomCropOptions extends PadOptions {
  /** Added first, always. Default none. */
  readonly padding?: Padding | null;
  /** Pads on both sides what is too small: as much on each as is missing in all, as torchvision. Default false. */
  readonly padIfNeeded?: boolean;
}

interface Extent {
  readonly height: number;
  readonly width: number;
}

/**
 * A rectangle at a random place. https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 */
export class RandomCrop extends ArgumentTransform {
  readonly type = 'RandomCrop';
  readonly size: readonly [height: number, width: number];
  readonly padding: Padding | null;
  readonly padIfNeeded: boolean;
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  /** @throws ShapeError for arguments that make no sense; `call` throws it for images smaller than the crop */
  constructor(size: SquareOrSize, { padding = null, padIfNeeded = false, ...options }: RandomCropOptions = {}) {
    super();
    this.size = checkSize('RandomCrop', size);
    if (padding !== null) sidesOf('RandomCrop', padding);
    this.padding = padding;
    this.padIfNeeded = padIfNeeded;
    ({ fill: this.fill, paddingMode: this.paddingMode } = checkPadOptions('RandomCrop', options));
  }

  /**
   * The corner of the crop in the padded image.
   * @param image before padding
   */
  draw(random: Random, image: Extent): { top: number; left: number } {
    const padded = this.#paddings(image).reduce<Extent>(
      ({ height, width }, [left, top, right, bottom]) => ({
        height: height + top + bottom,
        width: width + left + right,
      }),
      image,
    );
    const [height, width] = this.size;
    if (padded.height < height || padded.width < width) {
      throw new ShapeError(
        `RandomCrop: cannot cut ${height}x${width} from ${padded.height}x${padded.width} pixels; pad, or set padIfNeeded`,
      );
    }
    return { top: random.integer(padded.height - height + 1), left: random.integer(padded.width - width + 1) };
  }

  call(x: Image | TensorImage, random: Random): Image {
    const image = imageFor(this.type, x);
    const corner = this.draw(random, image);
    const padded = this.#paddings(image).reduce((made, sides) => pad(made, sides, this), image);
    const [height, width] = this.size;
    return crop(padded, { ...corner, height, width });
  }

  #paddings(image: Extent): Sides[] {
    const given: Sides = this.padding === null ? [0, 0, 0, 0] : sidesOf(this.type, this.padding);
    const rows = Math.max(this.size[0] - (image.height + given[1] + given[3]), 0);
    const columns = Math.max(this.size[1] - (image.width + given[0] + given[2]), 0);
    const paddings: Sides[] = [given];
    if (this.padIfNeeded) paddings.push([columns, 0, columns, 0], [0, rows, 0, rows]);
    return paddings.filter((sides) => sides.some((side) => side !== 0));
  }

  protected describe(): string {
    return `size=${tuple(this.size)}, padding=${numberOrTuple(this.padding)}`;
  }
}

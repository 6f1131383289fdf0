import { ShapeError } from '../../kernels/errors.ts';
import type { Image } from '../images/image.ts';
import { rotate } from '../images/rotate.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkChoice, checkRange } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { checkPadOptions } from './padding.ts';
import { float, listOrNumber, numberOrTuple } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic'] as const;
type RotationInterpolation = (typeof INTERPOLATIONS)[number];

export interface RandomRotationOptions {
  /** Default `nearest`. */
  readonly interpolation?: RotationInterpolation;
  /** Makes the image as large as the turned one needs; `center` is then ignored but for the turn. Default false. */
  readonly expand?: boolean;
  /** [x, y] in pixels from the upper left corner. Default the middle. */
  readonly center?: readonly [x: number, y: number] | null;
  /** Level outside the image, for all channels or each. Default 0. */
  readonly fill?: number | readonly number[];
}

/**
 * Turns by a random angle. https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomRotation.html
 */
export class RandomRotation extends ArgumentTransform {
  readonly type = 'RandomRotation';
  readonly degrees: readonly [number, number];
  readonly interpolation: RotationInterpolation;
  readonly expand: boolean;
  readonly center: readonly [x: number, y: number] | null;
  readonly fill: number | readonly number[];

  /**
   * @param degrees counter-clockwise, [least, most]; a number d means [-d, d]
   * @throws ShapeError for angles that are not finite, or levels that are no bytes
   */
  constructor(
    degrees: number | readonly number[],
    { interpolation = 'nearest', expand = false, center = null, fill = 0 }: RandomRotationOptions = {},
  ) {
    super();
    if (typeof degrees === 'number' && !(degrees >= 0)) {
      throw new ShapeError(`RandomRotation: degrees is a number from 0, or [least, most], given ${degrees}`);
    }
    this.degrees = checkRange('RandomRotation: degrees', typeof degrees === 'number' ? [-degrees, degrees] : degrees);
    this.interpolation = checkChoice('RandomRotation: interpolation', interpolation, INTERPOLATIONS);
    this.expand = expand;
    if (center !== null && !(Array.isArray(center) && center.length === 2 && center.every(Number.isFinite))) {
      throw new ShapeError(`RandomRotation: center is [x, y], given ${center}`);
    }
    this.center = center;
    ({ fill: this.fill } = checkPadOptions('RandomRotation', { fill }));
  }

  /** The angle in degrees. */
  draw(random: Random): number {
    return random.uniform(...this.degrees);
  }

  call(x: Image | TensorImage, random: Random): Image {
    const image = imageFor(this.type, x);
    const { interpolation, expand, center, fill } = this;
    return rotate(image, this.draw(random), { interpolation, expand, fill, ...(center && { center }) });
  }

  protected describe(): string {
    const { degrees, interpolation, expand, center, fill } = this;
    const middle = center ? `, center=${numberOrTuple(center)}` : '';
    return `degrees=${listOrNumber(degrees, float)}, interpolation=${interpolation}, expand=${expand ? 'True' : 'False'}${middle}, fill=${numberOrTuple(fill)}`;
  }
}

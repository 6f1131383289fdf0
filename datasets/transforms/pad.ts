import type { Image } from '../images/image.ts';
import { type PaddingMode, type PadOptions, pad } from '../images/pad.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { imageFor } from './flow.ts';
import { checkPadOptions, type Padding, sidesOf } from './padding.ts';
import { numberOrTuple } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

/** Pixels around the image. https://pytorch.org/vision/stable/generated/torchvision.transforms.Pad.html */
export class Pad extends ArgumentTransform {
  readonly type = 'Pad';
  readonly padding: Padding;
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  /**
   * @param padding pixels on all sides, [left and right, top and bottom], or [left, top, right, bottom]; negative crops
   * @param options `fill` (0) and `paddingMode` (`constant`)
   * @throws ShapeError for other counts, levels that are no bytes, or an unknown mode
   */
  constructor(padding: Padding, options: PadOptions = {}) {
    super();
    sidesOf('Pad', padding);
    this.padding = padding;
    ({ fill: this.fill, paddingMode: this.paddingMode } = checkPadOptions('Pad', options));
  }

  call(x: Image | TensorImage): Image {
    return pad(imageFor(this.type, x), sidesOf(this.type, this.padding), this);
  }

  protected describe(): string {
    return `padding=${numberOrTuple(this.padding)}, fill=${numberOrTuple(this.fill)}, padding_mode=${this.paddingMode}`;
  }
}

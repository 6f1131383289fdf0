import { ShapeError } from '../../kernels/errors.ts';
import { adjustBrightness, adjustContrast, adjustSaturation } from '../images/adjustColor.ts';
import { adjustHue } from '../images/adjustHue.ts';
import type { Image } from '../images/image.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkRange } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { float, listOrNumber } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

const ADJUSTMENTS = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
} as const;
type Adjustment = keyof typeof ADJUSTMENTS;

type Range = readonly [least: number, most: number];

/** A number x means [1 - x, 1 + x] (hue: [-x, x]); two numbers are the range itself. Default 0: unchanged. */
export type ColorJitterOptions = { readonly [A in Adjustment]?: number | readonly number[] | null };

/** Factors to apply in this order; null leaves it out. */
export type ColorJitterDraw = { readonly order: readonly Adjustment[] } & {
  readonly [A in Adjustment]: number | null;
};

/**
 * Brightness, contrast, saturation and hue by random factors, in random order.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.ColorJitter.html
 */
export class ColorJitter extends ArgumentTransform {
  readonly type = 'ColorJitter';
  readonly brightness: Range | null;
  readonly contrast: Range | null;
  readonly saturation: Range | null;
  readonly hue: Range | null;

  /** @throws ShapeError for negative factors, or hues outside -0.5 to 0.5 */
  constructor({ brightness = 0, contrast = 0, saturation = 0, hue = 0 }: ColorJitterOptions = {}) {
    super();
    this.brightness = rangeOf('brightness', brightness);
    this.contrast = rangeOf('contrast', contrast);
    this.saturation = rangeOf('saturation', saturation);
    this.hue = rangeOf('hue', hue);
  }

  draw(random: Random): ColorJitterDraw {
    const order = random.shuffle(Object.keys(ADJUSTMENTS)) as Adjustment[];
    const factor = (range: Range | null) => (range === null ? null : random.uniform(...range));
    return {
      order,
      brightness: factor(this.brightness),
      contrast: factor(this.contrast),
      saturation: factor(this.saturation),
      hue: factor(this.hue),
    };
  }

  call(x: Image | TensorImage, random: Random): Image {
    const image = imageFor(this.type, x);
    const drawn = this.draw(random);
    return drawn.order.reduce((made, adjustment) => {
      const factor = drawn[adjustment];
      return factor === null ? made : ADJUSTMENTS[adjustment](made, factor);
    }, image);
  }

  protected describe(): string {
    const { brightness, contrast, saturation, hue } = this;
    return Object.entries({ brightness, contrast, saturation, hue })
      .map(([name, range]) => `${name}=${listOrNumber(range, float)}`)
      .join(', ');
  }
}

function rangeOf(adjustment: Adjustment, given: number | readonly number[] | null): Range | null {
  if (given === null) return null;
  const where = `ColorJitter: ${adjustment}`;
  const isHue = adjustment === 'hue';
  const center = isHue ? 0 : 1;
  if (typeof given === 'number' && !(given >= 0 && Number.isFinite(given))) {
    throw new ShapeError(`${where} is a number from 0, or [least, most], given ${given}`);
  }
  const least = (x: number) => (isHue ? -x : Math.max(1 - x, 0));
  const range = typeof given === 'number' ? [least(given), center + given] : given;
  const [low, high] = checkRange(where, range, isHue ? { low: -0.5, high: 0.5 } : { low: 0 });
  return low === center && high === center ? null : [low, high];
}

// Turning by any angle, bit for bit as Pillow's Image.rotate, which torchvision's rotate calls
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/PIL/Image.py).

import { ShapeError } from '../../kernels/errors.ts';
import { type AffineMatrix, affineTransform } from './affineTransform.ts';
import { checkImage, type Image } from './image.ts';
import { turnUpright } from './orientation.ts';
import { sineAndCosine } from './sineAndCosine.ts';

const MAX_PIXELS = 2 ** 28;
const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic'] as const;

export interface RotateOptions {
  readonly interpolation?: (typeof INTERPOLATIONS)[number];
  /** Makes the output as large as the turned image needs, which takes the centre to be the image's. */
  readonly expand?: boolean;
  /** The point that stays, in pixels from the upper left corner. Default: the image's centre. */
  readonly center?: readonly [x: number, y: number] | undefined;
  /** A level from 0 to 255, or one for each channel, for what the image does not cover; fractions are cut off. */
  readonly fill?: number | readonly number[];
}

/**
 * Turns counter-clockwise, as torchvision's `rotate` on a PIL image. Of the same size, unless `expand`.
 * @throws ShapeError for degrees or a centre that are not finite, an unknown interpolation, a fill that has the wrong
 * number of levels or none from 0 to 255, or more than 2^28 pixels.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.rotate.html
 */
export function rotate(
  image: Image,
  degrees: number,
  { interpolation = 'nearest', expand = false, center, fill = 0 }: RotateOptions = {},
): Image {
  checkImage('rotate', image);
  if (!Number.isFinite(degrees)) throw new ShapeError(`rotate: degrees are a finite number, given ${degrees}`);
  if (!INTERPOLATIONS.includes(interpolation))
    throw new ShapeError(`rotate: interpolation is one of ${INTERPOLATIONS.join(', ')}, given ${interpolation}`);
  if (center !== undefined) checkCenter(center);
  const levels = levelsOf(fill, image.channels);
  const angle = degrees % 360 < 0 ? (degrees % 360) + 360 : degrees % 360;
  if (center === undefined) {
    const turned = turnedSquarely(image, angle, expand);
    if (turned) return turned;
  }
  const matrix = rotation(angle, center ?? [image.width / 2, image.height / 2]);
  if (!expand) {
    const { width, height } = image;
    return affineTransform(image, matrix, { width, height, interpolation, fill: levels });
  }
  const { width, height, moved } = expanded(image, matrix);
  return affineTransform(image, moved, { width, height, interpolation, fill: levels });
}

function checkCenter(center: readonly number[]): void {
  if (center.length === 2 && center.every(Number.isFinite)) return;
  throw new ShapeError(`rotate: a center is two finite numbers, [x, y], given [${center.join(', ')}]`);
}

function levelsOf(fill: number | readonly number[], channels: number): readonly number[] {
  const levels = typeof fill === 'number' ? Array.from({ length: channels }, () => fill) : fill;
  if (levels.length === channels && levels.every((level) => level >= 0 && level <= 255)) return levels.map(Math.trunc);
  throw new ShapeError(`rotate: fill is a level from 0 to 255 or ${channels} of them, given ${fill}`);
}

/** By quarters nothing is resampled, where the output has room for all. */
function turnedSquarely(image: Image, angle: number, expand: boolean): Image | undefined {
  if (angle === 0) return image;
  if (angle === 180) return turnUpright(image, 3);
  if (!expand && image.width !== image.height) return undefined;
  if (angle === 90) return turnUpright(image, 8);
  return angle === 270 ? turnUpright(image, 6) : undefined;
}

/** From the output's places to the input's. */
function rotation(angle: number, [centerX, centerY]: readonly [number, number]): AffineMatrix {
  const [sine, cosine] = sineAndCosine(-(angle * (Math.PI / 180)));
  const [cos, sin] = [rounded(cosine), rounded(sine)];
  const [x, y] = apply([cos, sin, 0, -sin, cos, 0], -centerX, -centerY);
  return [cos, sin, x + centerX, -sin, cos, y + centerY];
}

/** To 15 decimals, so that quarters have zeros. */
function rounded(value: number): number {
  return Number(value.toFixed(15));
}

function apply([a, b, c, d, e, f]: AffineMatrix, x: number, y: number): readonly [x: number, y: number] {
  return [a * x + b * y + c, d * x + e * y + f];
}

function expanded(image: Image, matrix: AffineMatrix): { width: number; height: number; moved: AffineMatrix } {
  const [right, bottom] = [image.width, image.height];
  const corners = [
    apply(matrix, 0, 0),
    apply(matrix, right, 0),
    apply(matrix, right, bottom),
    apply(matrix, 0, bottom),
  ];
  const width = extent(corners.map(([x]) => x));
  const height = extent(corners.map(([, y]) => y));
  if (!(width > 0 && height > 0 && width * height <= MAX_PIXELS))
    throw new ShapeError(`rotate: 1 to ${MAX_PIXELS} pixels can be made, expanding asks for [${height}, ${width}]`);
  const [a, b, , d, e] = matrix;
  const [c, f] = apply(matrix, -(width - right) / 2, -(height - bottom) / 2);
  return { width, height, moved: [a, b, c, d, e, f] };
}

function extent(places: readonly number[]): number {
  return Math.ceil(Math.max(...places)) - Math.floor(Math.min(...places));
}

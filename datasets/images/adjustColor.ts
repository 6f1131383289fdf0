// Brightness, contrast and saturation, bit for bit as PIL's ImageEnhance, which torchvision's functions call.
import { ShapeError } from '../../kernels/errors.ts';
import { checkImage, type Image } from './image.ts';
import { withChannels } from './withChannels.ts';

/**
 * @param factor 0 is black, 1 the image itself, 2 twice as bright
 * @throws ShapeError for a factor that is negative or not finite
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_brightness.html
 */
export function adjustBrightness(image: Image, factor: number): Image {
  check('adjustBrightness', image, factor);
  return { ...image, data: lookedUp(image.data, blendTable(0, factor)) };
}

/**
 * @param factor 0 is grey of the image's mean luma, 1 the image itself
 * @throws ShapeError for a factor that is negative or not finite
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_contrast.html
 */
export function adjustContrast(image: Image, factor: number): Image {
  check('adjustContrast', image, factor);
  const { data } = withChannels(image, 1);
  let sum = 0;
  for (const level of data) sum += level;
  return { ...image, data: lookedUp(image.data, blendTable(Math.floor(sum / data.length + 0.5), factor)) };
}

/**
 * @param factor 0 is grey, 1 the image itself
 * @throws ShapeError for a factor that is negative or not finite
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_saturation.html
 */
export function adjustSaturation(image: Image, factor: number): Image {
  check('adjustSaturation', image, factor);
  if (image.channels === 1 || factor === 1) return image;
  const { data: luma } = withChannels(image, 1);
  const alpha = Math.fround(factor);
  const data = new Uint8Array(image.data.length);
  for (let i = 0, at = 0; i < luma.length; i++) {
    for (let c = 0; c < 3; c++, at++) data[at] = blend(luma[i]!, image.data[at]!, alpha);
  }
  return { ...image, data };
}

function check(where: string, image: Image, factor: number): void {
  checkImage(where, image);
  if (Number.isFinite(factor) && factor >= 0) return;
  throw new ShapeError(`${where}: the factor is a number from 0, given ${factor}`);
}

function blendTable(origin: number, factor: number): Uint8Array {
  const alpha = Math.fround(factor);
  return Uint8Array.from({ length: 256 }, (_, level) => blend(origin, level, alpha));
}

/** Pillow's Blend.c: float32, cut towards zero. */
function blend(origin: number, level: number, alpha: number): number {
  const blended = Math.fround(origin + Math.fround(alpha * (level - origin)));
  return Math.min(Math.max(Math.trunc(blended), 0), 255);
}

function lookedUp(data: Uint8Array, table: Uint8Array): Uint8Array {
  const levels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) levels[i] = table[data[i]!]!;
  return levels;
}

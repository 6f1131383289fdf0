// Hue, bit for bit as torchvision turns it: through Pillow's 8-bit HSV
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Convert.c).
import { ShapeError } from '../../kernels/errors.ts';
import { checkImage, type Image } from './image.ts';

/**
 * @param factor share of the whole circle, -0.5 to 0.5; grey images stay as they are
 * @throws ShapeError for a factor outside
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_hue.html
 */
export function adjustHue(image: Image, factor: number): Image {
  checkImage('adjustHue', image);
  if (!(factor >= -0.5 && factor <= 0.5)) {
    throw new ShapeError(`adjustHue: the factor lies in -0.5 to 0.5, given ${factor}`);
  }
  if (image.channels === 1) return image;
  const turn = Math.trunc(factor * 255);
  const data = new Uint8Array(image.data.length);
  for (let at = 0; at < data.length; at += 3) writeTurned(image.data, data, at, turn);
  return { ...image, data };
}

/** Red, green and blue in each sixth of the circle: 0 is the value, 1 what rises, 2 what falls, 3 the low one. */
const ORDERS = [
  [0, 1, 3],
  [2, 0, 3],
  [3, 0, 1],
  [3, 2, 0],
  [1, 3, 0],
  [0, 3, 2],
] as const;

function writeTurned(from: Uint8Array, to: Uint8Array, at: number, turn: number): void {
  const red = from[at]!;
  const green = from[at + 1]!;
  const blue = from[at + 2]!;
  const value = Math.max(red, green, blue);
  const range = value - Math.min(red, green, blue);
  const saturation = range === 0 ? 0 : Math.trunc(Math.fround(range / value) * 255);
  if (saturation === 0) {
    to[at] = to[at + 1] = to[at + 2] = value;
    return;
  }
  const hue = (hueOf(red, green, blue, value, range) + turn) & 255;
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths);
  const fraction = Math.fround(sixths - sector);
  const share = Math.fround(saturation / 255);
  const low = Math.round(value * (1 - share));
  const falling = Math.round(value * (1 - Math.fround(share * fraction)));
  const rising = Math.round(value * (1 - share * (1 - fraction)));
  const [r, g, b] = ORDERS[sector % 6]!;
  const parts = [value, rising, falling, low];
  to[at] = parts[r]!;
  to[at + 1] = parts[g]!;
  to[at + 2] = parts[b]!;
}

/** 0 to 255. Every step rounds where C's float and double do. */
function hueOf(red: number, green: number, blue: number, value: number, range: number): number {
  const r = Math.fround((value - red) / range);
  const g = Math.fround((value - green) / range);
  const b = Math.fround((value - blue) / range);
  const sixths = Math.fround(red === value ? b - g : green === value ? 2 + r - b : 4 + g - r);
  return Math.trunc(Math.fround((sixths / 6 + 1) % 1) * 255);
}

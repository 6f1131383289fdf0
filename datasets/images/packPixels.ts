// A picture as a GPU reads it.

import { checkImage, type Image } from './image.ts';

/** One number a pixel, row-major: red in the lowest byte, then green, blue and 255. For `preprocessImage` of `wgrad`. */
export function packPixels(image: Image): Uint32Array {
  checkImage('packPixels', image);
  const { width, height, channels, data } = image;
  const packed = new Uint32Array(width * height);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let i = 0, at = 0; i < packed.length; i++, at += channels) {
    packed[i] = data[at]! | (data[at + green]! << 8) | (data[at + blue]! << 16) | (0xff << 24);
  }
  return packed;
}

// A picture as a PNG file, by pngjs.

import { PNG } from 'pngjs';
import { checkImage, type Image } from '../images/image.ts';

/**
 * Grey or RGB, eight bits, without loss.
 * @throws ShapeError for what is no image
 */
export function encodePng(image: Image): Uint8Array<ArrayBuffer> {
  checkImage('encodePng', image);
  const { width, height, channels, data } = image;
  const colorType = channels === 1 ? 0 : 2;
  const pixels = { width, height, data: Buffer.from(data.buffer, data.byteOffset, data.length) };
  // zlib's default strategy: pngjs's own makes files of photographs half as large again
  const options = { colorType, inputColorType: colorType, inputHasAlpha: false, deflateStrategy: 0 } as const;
  return Uint8Array.from(PNG.sync.write(pixels as PNG, options));
}

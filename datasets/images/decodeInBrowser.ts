// Whatever the browser itself decodes (PNG, WebP, AVIF, GIF, BMP, CMYK JPEG), through an ImageBitmap.

import { FormatError, WgradError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import { fromRgba } from './decodeJpeg.ts';
import type { Image } from './image.ts';

/**
 * Decodes to RGB without colour management. Canvases keep colours multiplied by alpha, so where pixels are
 * transparent the colours below differ from PIL's (by rounding; black where alpha is 0); opaque ones are exact.
 * @param options.orient whether the browser turns the image upright by its own metadata; some always do.
 * @throws FormatError where the browser cannot decode it, or finds more than `maxPixels`; WgradError outside browsers.
 */
export async function decodeInBrowser(
  { name, bytes }: NamedBytes,
  { orient, maxPixels }: { orient: boolean; maxPixels: number },
): Promise<Image> {
  if (typeof createImageBitmap === 'undefined') {
    throw new WgradError(
      `${name}: no browser here to decode it; in Node import decodeImage from 'wgrad/datasets/node'`,
    );
  }
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
    imageOrientation: orient ? 'from-image' : 'none',
  }).catch((cause: Error) => {
    throw new FormatError(`${name}: the browser cannot decode these ${bytes.length} bytes: ${cause.message}`, {
      cause,
    });
  });
  try {
    const { width, height } = bitmap;
    if (width * height > maxPixels) {
      throw new FormatError(`${name}: found ${width}x${height} pixels, expected at most ${maxPixels} in all`);
    }
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new FormatError(`${name}: the browser has no canvas of ${width}x${height} pixels`);
    context.drawImage(bitmap, 0, 0);
    return fromRgba(context.getImageData(0, 0, width, height), 3);
  } finally {
    bitmap.close();
  }
}

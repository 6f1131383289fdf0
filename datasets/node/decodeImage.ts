// decodeImage with the decoders that run in Node.

import { type DecodeOptions, decodeImage as decodeWith } from '../images/decodeImage.ts';
import type { Image } from '../images/image.ts';
import { decodePng } from './decodePng.ts';

/**
 * Decodes JPEG (as Pillow, bit for bit) and PNG of every kind; options as in `wgrad/datasets`.
 * @throws FormatError for other formats, and damaged, truncated or too large files.
 */
export async function decodeImage(bytes: Uint8Array, options: Omit<DecodeOptions, 'codecs'> = {}): Promise<Image> {
  // imported here, so that programs without pictures do not compile it
  const { jpegWasm } = await import('./jpegWasm.ts');
  return decodeWith(bytes, { ...options, codecs: { jpegWasm, png: decodePng, other: null } });
}

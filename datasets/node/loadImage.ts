// A picture from a file on disk.

import type { DecodeOptions } from '../images/decodeImage.ts';
import type { Image } from '../images/image.ts';
import { decodeImage } from './decodeImage.ts';
import { readBounded } from './readBounded.ts';

/** Larger files are refused unread. */
const MAX_BYTES = 2 ** 30;

/**
 * Reads and decodes a JPEG or PNG file; options as in `decodeImage`.
 * @throws FormatError naming the file where it is damaged, truncated, too large or of another format.
 */
export async function loadImage(path: string, options: Omit<DecodeOptions, 'name' | 'codecs'> = {}): Promise<Image> {
  const { name, bytes } = await readBounded(path, MAX_BYTES);
  return decodeImage(bytes, { ...options, name });
}

// A picture as a browser is given it, decoded exactly as the library decodes it: JPEG as Pillow, bit for bit.
import { decodeImage } from '../../datasets/images/decodeImage.ts';
import type { Image } from '../../datasets/images/image.ts';
import { FormatError } from '../../kernels/errors.ts';

/** Larger files are refused unread. */
const MAX_BYTES = 2 ** 28;
/** Larger pictures are refused by their header: RGBA of 64 million pixels has 256 MB. */
const MAX_PIXELS = 2 ** 26;

/** @throws FormatError naming the file where it is damaged, too large or no picture */
export async function openPicture(file: File): Promise<Image> {
  if (file.size > MAX_BYTES) {
    throw new FormatError(`${file.name}: has ${file.size} bytes, expected a picture of at most ${MAX_BYTES}`);
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  // imported here, so that nobody without a JPEG loads the decoder
  const codecs = isJpeg ? { jpegWasm: await (await import('./jpegWasm.ts')).compileJpegDecoder() } : {};
  return decodeImage(bytes, { name: file.name, maxPixels: MAX_PIXELS, codecs });
}

// Bytes of a picture file to pixels: the format by content, the size before memory is spent, orientation.

import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import { decodeInBrowser } from './decodeInBrowser.ts';
import { decodeJpeg } from './decodeJpeg.ts';
import type { Image } from './image.ts';
import { readJpegHeader } from './jpegHeader.ts';
import { readOrientation, turnUpright } from './orientation.ts';
import { type PngHeader, readPngHeader } from './pngChunks.ts';
import { withChannels } from './withChannels.ts';

export interface DecodeOptions {
  /** What error messages call the file. Default `image`. */
  readonly name?: string;
  /**
   * Turns the image upright by its EXIF orientation (default). PIL's `Image.open`, and with it torchvision's data sets,
   * do not: `false` gives their pixels.
   */
  readonly orient?: boolean;
  /** 1 makes it grey, 3 RGB, as PIL's `convert`. Default: what the file has, where a palette counts as RGB. */
  readonly channels?: 1 | 3;
  /** Larger images are refused by their header, unread. Default 2^27 (134 million). */
  readonly maxPixels?: number;
  /** Node's decoders; those of the browser by default. */
  readonly codecs?: Codecs;
}

/** Where Node and browsers differ. `wgrad/datasets/node` has a `decodeImage` that brings its own. */
export interface Codecs {
  /** mozjpeg, compiled; see `decodeJpeg`. */
  readonly jpegWasm?: WebAssembly.Module;
  /** PNG to pixels, alpha dropped. */
  readonly png?: (file: NamedBytes, header: PngHeader) => Promise<Image>;
  /** All other formats; null where there are none. */
  readonly other?: typeof decodeInBrowser | null;
}

/**
 * Decodes JPEG (as Pillow, bit for bit) and PNG of every kind, and in a browser whatever else it decodes.
 * Alpha is dropped, 16 bits are cut to the upper 8, as PIL's `convert('RGB')` (which clips grey of 16 bits instead).
 * In Node import it from `wgrad/datasets/node`.
 * @throws FormatError naming the file, what was found and what was expected: unknown formats, damaged, truncated or
 *   too large files; WgradError where the platform lacks a decoder.
 */
export async function decodeImage(
  bytes: Uint8Array,
  { name = 'image', orient = true, channels, maxPixels = 2 ** 27, codecs = {} }: DecodeOptions = {},
): Promise<Image> {
  const { jpegWasm, png, other = decodeInBrowser } = codecs;
  const file = { name, bytes };
  const isJpeg = startsWith(bytes, [0xff, 0xd8, 0xff]);
  const isPng = startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  if (!isJpeg && !isPng) {
    if (!other) throw new FormatError(`${name}: at byte 0: found ${firstBytes(bytes)}, expected a JPEG or PNG file`);
    return finish(await other(file, { orient, maxPixels }));
  }
  const header = isJpeg ? readJpegHeader(file) : readPngHeader(file);
  const { width, height } = header;
  if (width * height > maxPixels) {
    throw new FormatError(`${name}: found ${width}x${height} pixels, expected at most ${maxPixels} in all`);
  }
  const image = await decode();
  return finish(orient ? turnUpright(image, await readOrientation(bytes)) : image);

  async function decode(): Promise<Image> {
    if ('critical' in header) {
      if (png) return png(file, header);
      // without the chunks that browsers would apply and PIL does not
      const image = await decodeInBrowser({ name, bytes: header.critical }, { orient: false, maxPixels });
      return header.colour === 'grey' || header.colour === 'greyAlpha' ? firstChannel(image) : image;
    }
    if (header.components === 4 && other) return other(file, { orient: false, maxPixels });
    return decodeJpeg(file, { wasm: jpegWasm });
  }

  function finish(image: Image): Image {
    return channels === undefined ? image : withChannels(image, channels);
  }
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function firstBytes(bytes: Uint8Array): string {
  const first = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return first.length === 0 ? 'an empty file' : first.join(' ');
}

function firstChannel({ width, height, data }: Image): Image {
  return { width, height, channels: 1, data: data.filter((_, i) => i % 3 === 0) };
}

// PNG by pngjs, which needs Node's zlib and streams; browsers decode PNG themselves.

import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import type { Image } from '../images/image.ts';
import type { PngHeader } from '../images/pngChunks.ts';

/**
 * Decodes a PNG of every kind to grey or RGB. Alpha and transparent colours are dropped, the colours below stay, as
 * with PIL's `convert('RGB')`; of 16 bits the upper 8 remain.
 * @throws FormatError for damaged files.
 */
export async function decodePng({ name }: NamedBytes, header: PngHeader): Promise<Image> {
  const { width, height, depth, colour } = header;
  const channels = colour === 'grey' || colour === 'greyAlpha' ? 1 : 3;
  const rgba = readPngSamples(name, header);
  const toLevel = levelOf(colour === 'palette' ? 8 : depth);
  const data = new Uint8Array(width * height * channels);
  for (let i = 0, at = 0; at < data.length; i += 4) {
    for (let c = 0; c < channels; c++) data[at++] = toLevel(rgba[i + c]!);
  }
  return { width, height, channels, data };
}

/** Four samples a pixel, as they are stored: of 1 to 16 bits. @throws FormatError for damaged files */
export function readPngSamples(name: string, { critical, rawBytes }: PngHeader): ArrayLike<number> {
  try {
    const file = Buffer.from(critical.buffer, critical.byteOffset, critical.length);
    // pngjs takes truncated data for whole, and inflates interlaced data without a bound
    const { length } = inflateSync(imageData(file), { maxOutputLength: rawBytes });
    if (length !== rawBytes) throw new Error(`found ${length} bytes of rows, expected ${rawBytes}`);
    // the samples as they are: pngjs rounds 16 bits where PIL cuts
    return PNG.sync.read(file, { skipRescale: true }).data;
  } catch (cause) {
    throw new FormatError(`${name}: the PNG cannot be decoded: ${(cause as Error).message}`, { cause });
  }
}

/** The IDAT chunks, joined. */
function imageData(file: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
    }
  }
  return Buffer.concat(parts);
}

function levelOf(depth: number): (sample: number) => number {
  if (depth === 16) return (sample) => sample >> 8;
  const unit = 255 / (2 ** depth - 1);
  return (sample) => sample * unit;
}

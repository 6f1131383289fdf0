// The chunks of a PNG file, walked without decoding: its size before anything is allocated, and the chunks that make
// its pixels. https://www.w3.org/TR/png-3/

import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly colour: PngColour;
  /** Bytes of the filtered rows, which is what the data must inflate to. */
  readonly rawBytes: number;
  /** The file reduced to IHDR, PLTE, IDAT and IEND: no transparency, gamma, colour profile, orientation, animation. */
  readonly critical: Uint8Array;
}

export type PngColour = 'grey' | 'rgb' | 'palette' | 'greyAlpha' | 'rgbAlpha';

const SIGNATURE_BYTES = 8;
const CRITICAL = ['IHDR', 'PLTE', 'IDAT', 'IEND'];
const COLOURS: Readonly<Record<number, { colour: PngColour; samples: number; depths: readonly number[] }>> = {
  0: { colour: 'grey', samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { colour: 'rgb', samples: 3, depths: [8, 16] },
  3: { colour: 'palette', samples: 1, depths: [1, 2, 4, 8] },
  4: { colour: 'greyAlpha', samples: 2, depths: [8, 16] },
  6: { colour: 'rgbAlpha', samples: 4, depths: [8, 16] },
};

/** Deflate repeats 258 bytes with no fewer than two bits. */
const MAX_INFLATION = 1032;

/**
 * Reads the header and walks the chunks to the last one.
 * @throws FormatError naming the byte where the file is truncated, or no PNG, or claims more pixels than it can hold.
 */
export function readPngHeader({ name, bytes }: NamedBytes): PngHeader {
  const fail = (at: number, found: string, expected: string): never => {
    throw new FormatError(`${name}: at byte ${at}: found ${found}, expected ${expected}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts = [bytes.subarray(0, SIGNATURE_BYTES)];
  let dataBytes = 0;
  for (let at = SIGNATURE_BYTES, isEnd = false; !isEnd; ) {
    if (at + 8 > bytes.length) fail(bytes.length, 'the end of the file', 'a PNG chunk: truncated');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + length + 12;
    if (end > bytes.length) {
      fail(bytes.length, 'the end of the file', `a PNG chunk ${type} of ${length} bytes from byte ${at}: truncated`);
    }
    if (parts.length === 1 && (type !== 'IHDR' || length !== 13)) {
      fail(at, `a PNG chunk ${type} of ${length} bytes`, 'IHDR of 13 first');
    }
    if (parts.length > 1 && type === 'IHDR') fail(at, 'a second IHDR', 'one');
    if (CRITICAL.includes(type)) parts.push(bytes.subarray(at, end));
    // lower case marks what a decoder may skip
    else if (/^[A-Z]/.test(type)) fail(at, `a PNG chunk ${type}`, CRITICAL.join(', '));
    if (type === 'IDAT') dataBytes += length;
    isEnd = type === 'IEND';
    at = end;
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width === 0 || height === 0) fail(16, `an image of ${width}x${height} pixels`, 'at least one');
  const [depth, code, interlace] = [bytes[24]!, bytes[25]!, bytes[28]!];
  const kind = COLOURS[code];
  if (!kind) return fail(25, `colour type ${code}`, Object.keys(COLOURS).join(', '));
  if (!kind.depths.includes(depth)) {
    fail(24, `${depth} bits in colour type ${code}`, kind.depths.join(', '));
  }
  if (interlace > 1) fail(28, `interlace method ${interlace}`, '0 or 1');
  const bitsPerPixel = kind.samples * depth;
  const rawBytes = interlace ? interlacedBytes(width, height, bitsPerPixel) : passBytes(width, height, bitsPerPixel);
  if (rawBytes > MAX_INFLATION * dataBytes) {
    fail(
      bytes.length,
      `${dataBytes} bytes of image data`,
      `enough for ${width}x${height} pixels of ${bitsPerPixel} bits`,
    );
  }
  return { width, height, depth, colour: kind.colour, rawBytes, critical: concatenate(parts) };
}

/** Each row begins with the byte of its filter. */
function passBytes(width: number, height: number, bitsPerPixel: number): number {
  return width === 0 ? 0 : height * (1 + Math.ceil((width * bitsPerPixel) / 8));
}

/** First column, first row, column step, row step of Adam7's passes. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function interlacedBytes(width: number, height: number, bitsPerPixel: number): number {
  let bytes = 0;
  for (const [x, y, stepX, stepY] of ADAM7) {
    const columns = Math.max(Math.ceil((width - x) / stepX), 0);
    bytes += passBytes(columns, Math.max(Math.ceil((height - y) / stepY), 0), bitsPerPixel);
  }
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

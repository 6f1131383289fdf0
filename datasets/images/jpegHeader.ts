// The markers of a JPEG file, walked without decoding: its size before anything is allocated, and its end.
// ITU-T T.81 annex B, https://www.w3.org/Graphics/JPEG/itu-t81.pdf

import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 CMYK or YCCK. */
  readonly components: number;
  /** Of an Adobe marker: 0 RGB or CMYK, 1 YCbCr, 2 YCCK. */
  readonly adobeTransform?: number;
}

const ADOBE = 0xee; // APP14; Adobe technical note 5116
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** A byte of entropy-coded data holds at most 8 blocks of 8x8 values, of sampling factors at most 4x1 and 1x4. */
const MAX_PIXELS_PER_BYTE = 1024;

/** A few bytes make a scan of a progressive image, which takes as long as a whole one; encoders write about ten. */
const MAX_SCANS = 100;

/**
 * Reads the frame header and follows the markers to the end of the image.
 * @throws FormatError naming the byte where the file is truncated, or no JPEG, or claims more pixels than it can hold.
 */
export function readJpegHeader({ name, bytes }: NamedBytes): JpegHeader {
  const fail = (at: number, found: string, expected: string): never => {
    throw new FormatError(`${name}: at byte ${at}: found ${found}, expected ${expected}`);
  };
  let header: JpegHeader | undefined;
  let adobeTransform: number | undefined;
  let scans = 0;
  let at = 2;
  for (;;) {
    at = nextMarker(bytes, at);
    const marker = bytes[at + 1];
    if (marker === undefined) return fail(bytes.length, 'the end of the file', 'an end-of-image marker: truncated');
    if (marker === END_OF_IMAGE) break;
    const start = at + 2;
    const length = (bytes[start]! << 8) | bytes[start + 1]!;
    if (!(length >= 2)) return fail(start, `a JPEG segment of ${length} bytes`, 'at least 2');
    if (start + length > bytes.length) {
      return fail(
        bytes.length,
        'the end of the file',
        `a JPEG segment of ${length} bytes from byte ${start}: truncated`,
      );
    }
    if (isStartOfFrame(marker)) {
      if (header) fail(at, 'a second frame header', 'one');
      if (length < 8) fail(start, `a frame header of ${length} bytes`, 'at least 8');
      const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
      header = { height: view.getUint16(3), width: view.getUint16(5), components: view.getUint8(7) };
      const { width, height } = header;
      if (width === 0 || height === 0) fail(start + 3, `an image of ${width}x${height} pixels`, 'at least one');
    }
    if (marker === ADOBE) adobeTransform = transformOf(bytes.subarray(start + 2, start + length)) ?? adobeTransform;
    if (marker === START_OF_SCAN && !header) fail(at, 'a scan', 'a frame header before it');
    if (marker === START_OF_SCAN && ++scans > MAX_SCANS) fail(at, `scan ${scans}`, `at most ${MAX_SCANS}`);
    at = start + length;
  }
  if (!header) return fail(at, 'the end of the image', 'a frame header before it');
  const { width, height } = header;
  if (width * height > MAX_PIXELS_PER_BYTE * bytes.length) {
    fail(bytes.length, 'the end of the file', `the data of ${width}x${height} pixels: truncated`);
  }
  return { ...header, ...(adobeTransform !== undefined && { adobeTransform }) };
}

/** `Adobe`, a version, two words of flags, the transform. */
function transformOf(segment: Uint8Array): number | undefined {
  const isAdobe = [0x41, 0x64, 0x6f, 0x62, 0x65].every((byte, i) => segment[i] === byte);
  return isAdobe ? segment[11] : undefined;
}

/** The offset of the 0xff of the next marker that is followed by a segment, or ends the image; skips scan data. */
function nextMarker(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0) {
    const code = bytes[at + 1]!;
    const isStandalone = code <= 0x01 || (code >= 0xd0 && code <= 0xd8);
    if (code !== 0xff && !isStandalone) return at;
    at = bytes.indexOf(0xff, code === 0xff ? at + 1 : at + 2);
  }
  return bytes.length;
}

/** C0 to CF but DHT, JPG and DAC. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

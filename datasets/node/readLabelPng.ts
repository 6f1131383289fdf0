// PNGs whose grey levels are numbers, not light: every bit counts.
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import { readPngHeader } from '../images/pngChunks.ts';
import type { LabelMap } from '../labelMap.ts';
import { readPngSamples } from './decodePng.ts';

const MAX_PIXELS = 2 ** 27;

/**
 * Decodes a grey PNG of 8 bits, or of 8 or 16, to its numbers as they are stored.
 * @throws FormatError for other kinds of PNG, and damaged, truncated or too large files
 */
export function readLabelPng(file: NamedBytes, depths: readonly [8]): LabelMap<Uint8Array>;
export function readLabelPng(file: NamedBytes, depths: readonly [8, 16]): LabelMap<Uint16Array>;
export function readLabelPng(file: NamedBytes, depths: readonly number[]): LabelMap<Uint8Array | Uint16Array> {
  const { name, bytes } = file;
  if (bytes[0] !== 0x89 || bytes[1] !== 0x50) throw new FormatError(`${name}: at byte 0: expected a PNG file`);
  const header = readPngHeader(file);
  const { width, height, depth, colour } = header;
  if (colour !== 'grey' || !depths.includes(depth)) {
    throw new FormatError(`${name}: found ${colour} of ${depth} bits, expected grey of ${depths.join(' or ')} bits`);
  }
  if (width * height > MAX_PIXELS) {
    throw new FormatError(`${name}: found ${width}x${height} pixels, expected at most ${MAX_PIXELS} in all`);
  }
  const rgba = readPngSamples(name, header);
  const data = depths.length === 1 ? new Uint8Array(width * height) : new Uint16Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = rgba[i * 4]!;
  return { width, height, data };
}

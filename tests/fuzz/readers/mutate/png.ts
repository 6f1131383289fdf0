// PNGs by their chunks, with checksums repaired, and by the rows inside of the compressed data.
import { deflateSync, inflateSync } from 'node:zlib';
import crc32 from 'crc-32';
import type { Random } from '../../../../datasets/random.ts';
import { below, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { changeBytes, joined } from './bytes.ts';

interface Chunk {
  type: string;
  data: Uint8Array;
}

const TYPES = ['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'eXIf', 'acTL', 'fdAT', 'CgBI', 'zzzz'];
const SIDES = [0, 1, 2, 3, 7, 8, 9, 255, 256, 4096, 65535, 65536, 2 ** 27, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

export const mutatePng: Mutator = (bytes, random) => {
  const chunks = chunksOf(bytes);
  if (chunks.length === 0) return bytes;
  const chunk = pick(random, chunks);
  const at = chunks.indexOf(chunk);
  switch (below(random, 9)) {
    case 0:
      chunks.splice(at, 1);
      break;
    case 1:
      chunks.splice(below(random, chunks.length + 1), 0, chunk);
      break;
    case 2:
      chunk.type = pick(random, TYPES);
      break;
    case 3:
    case 4:
      changeHeader(chunks[0]!.data, random);
      break;
    case 5:
    case 6:
      changeRows(chunks, random);
      break;
    case 7: {
      const cut = below(random, chunk.data.length + 1);
      const rest = { type: chunk.type, data: chunk.data.subarray(cut) };
      chunk.data = chunk.data.subarray(0, cut);
      chunks.splice(at + 1, 0, rest);
      break;
    }
    default:
      chunk.data = changeBytes(chunk.data, random);
  }
  return joined(bytes.subarray(0, 8), ...chunks.map(written));
};

function changeHeader(header: Uint8Array, random: Random): void {
  if (header.length < 13) return;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const field = below(random, 7);
  if (field < 2) view.setUint32(4 * field, pick(random, SIDES));
  else header[6 + field] = pick(random, [0, 1, 2, 3, 4, 5, 6, 8, 16, 32, 255]);
}

/** The filtered rows: more, fewer, or with other bytes. */
function changeRows(chunks: Chunk[], random: Random): void {
  const data = chunks.filter(({ type }) => type === 'IDAT');
  const first = data[0];
  if (!first) return;
  let rows: Uint8Array;
  try {
    rows = inflateSync(joined(...data.map((chunk) => chunk.data)));
  } catch {
    return; // damaged by a change before this one
  }
  const repeated = pick(random, [1, 1, 1, 100]);
  const changed = changeBytes(joined(...Array.from({ length: repeated }, () => rows)), random);
  first.data = deflateSync(changed);
  for (const other of data.slice(1)) chunks.splice(chunks.indexOf(other), 1);
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function written({ type, data }: Chunk): Uint8Array {
  const body = joined(new TextEncoder().encode(type), data);
  const ends = new DataView(new ArrayBuffer(8));
  ends.setUint32(0, data.length);
  ends.setInt32(4, crc32.buf(body));
  const [length, checksum] = [new Uint8Array(ends.buffer, 0, 4), new Uint8Array(ends.buffer, 4, 4)];
  return joined(length, body, checksum);
}

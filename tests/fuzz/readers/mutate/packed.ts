// Files inside of others: gzip, tar, MATLAB's compressed variables, safetensors' header. What is inside is changed, and
// what is around it made to fit again.
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { below, chance, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { changeBytes, joined } from './bytes.ts';

/** @param inside changes what the file unpacks to */
export function mutateGzip(inside: Mutator = (bytes, random) => changeBytes(bytes, random)): Mutator {
  return (bytes, random, seeds) => {
    try {
      return gzipSync(inside(gunzipSync(bytes), random, seeds), { level: 1 });
    } catch {
      return bytes; // damaged by a change before this one
    }
  };
}

const BLOCK = 512;
const CHECKSUM = { at: 148, bytes: 8 };

/** The blocks of a tar archive, with checksums of the headers repaired. */
export const mutateTar: Mutator = (bytes, random) => {
  const blocks = Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, i) => {
    const block = new Uint8Array(BLOCK);
    block.set(bytes.subarray(i * BLOCK, (i + 1) * BLOCK));
    return block;
  });
  const headers = blocks.filter(isHeader);
  const block = headers.length && chance(random, 0.7) ? pick(random, headers) : pick(random, blocks);
  if (!block) return bytes;
  const at = blocks.indexOf(block);
  switch (below(random, 6)) {
    case 0:
      blocks.splice(at, 1);
      break;
    case 1:
      blocks.splice(below(random, blocks.length + 1), 0, Uint8Array.from(block));
      break;
    case 2: // its size
      block.set(
        new TextEncoder().encode(pick(random, ['77777777777', '00000000000', '00000001000', '-0000000001'])),
        124,
      );
      break;
    case 3: // its kind: a link, a folder, a long name, a pax header
      block[156] = pick(
        random,
        Array.from('0125LKxgS7\0', (character) => character.charCodeAt(0)),
      );
      break;
    default:
      block.set(changeBytes(block, random).subarray(0, BLOCK));
  }
  for (const each of blocks) if (isHeader(each)) sign(each);
  return joined(...blocks);
};

function isHeader(block: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(block.subarray(257, 262)) === 'ustar';
}

function sign(header: Uint8Array): void {
  header.fill(32, CHECKSUM.at, CHECKSUM.at + CHECKSUM.bytes);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), CHECKSUM.at);
}

const MAT_HEADER = 128;
const COMPRESSED = 15;

/** One compressed variable of a MATLAB file, inflated, changed and deflated. */
export const mutateMat: Mutator = (bytes, random) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const places: { at: number; end: number }[] = [];
  for (let at = MAT_HEADER; at + 8 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at + 4, true);
    if (view.getUint32(at, true) === COMPRESSED && end <= bytes.length) places.push({ at, end });
    at = end;
  }
  const place = pick(random, places);
  if (!place) return bytes;
  try {
    const packed = deflateSync(changeBytes(inflateSync(bytes.subarray(place.at + 8, place.end)), random), { level: 1 });
    const tag = new DataView(new ArrayBuffer(8));
    tag.setUint32(0, COMPRESSED, true);
    tag.setUint32(4, packed.length, true);
    return joined(bytes.subarray(0, place.at), new Uint8Array(tag.buffer), packed, bytes.subarray(place.end));
  } catch {
    return bytes; // damaged by a change before this one
  }
};

/** @param inside changes the header's JSON, whose length is made to fit */
export function mutateSafetensors(inside: Mutator): Mutator {
  return (bytes, random) => {
    if (bytes.length < 8) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = view.getUint32(0, true);
    if (8 + length > bytes.length) return bytes;
    const header = inside(bytes.subarray(8, 8 + length), random, []);
    const size = new DataView(new ArrayBuffer(8));
    size.setUint32(0, header.length, true);
    return joined(new Uint8Array(size.buffer), header, bytes.subarray(8 + length));
  };
}

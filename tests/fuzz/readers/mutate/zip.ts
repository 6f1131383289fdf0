// Zip archives by their entries, put together again with true sizes and checksums, so that changes reach what is inside.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import crc32 from 'crc-32';
import type { Random } from '../../../../datasets/random.ts';
import { below, chance, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { changeBytes, joined } from './bytes.ts';

interface Entry {
  name: string;
  bytes: Uint8Array;
  isPacked: boolean;
}

const NAMES = [
  '../a',
  '/etc/passwd',
  'a\\..\\b',
  'C:\\a',
  '',
  '/',
  'data.pkl',
  'x/y/z',
  '\0',
  'archive/code/a.py',
  '...',
];
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;

/** @param inside changes one entry's content; only those whose name fits are given to it */
export function mutateZip(inside: Mutator = (bytes, random) => changeBytes(bytes, random), fits = /./): Mutator {
  return (bytes, random) => {
    const entries = entriesOf(bytes);
    if (entries.length === 0) return bytes;
    const wanted = entries.filter(({ name }) => fits.test(name));
    const entry = pick(random, wanted.length ? wanted : entries);
    const at = entries.indexOf(entry);
    switch (below(random, 8)) {
      case 0:
        entry.name = pick(random, [...NAMES, `${entry.name}/`, pick(random, entries).name, entry.name.repeat(20)]);
        break;
      case 1:
        entries.splice(at, 1);
        break;
      case 2:
        entries.push({ ...entry, name: chance(random, 0.5) ? entry.name : pick(random, NAMES) });
        break;
      case 3:
        entry.isPacked = !entry.isPacked;
        break;
      default:
        entry.bytes = inside(entry.bytes, random, [entry.bytes]);
    }
    return zipOf(entries, chance(random, 0.25) ? random : undefined);
  };
}

function entriesOf(bytes: Uint8Array): Entry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Entry[] = [];
  let at = buffer.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  while (at >= 0 && at + CENTRAL_BYTES <= buffer.length && buffer.readUInt32LE(at) === 0x02014b50) {
    const nameBytes = buffer.readUInt16LE(at + 28);
    const [method, packed, local] = [
      buffer.readUInt16LE(at + 10),
      buffer.readUInt32LE(at + 20),
      buffer.readUInt32LE(at + 42),
    ];
    if (local + LOCAL_BYTES > buffer.length) break;
    const start = local + LOCAL_BYTES + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28);
    const data = buffer.subarray(start, start + packed);
    entries.push({
      name: buffer.toString('latin1', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes),
      bytes: method === 8 ? inflated(data) : Uint8Array.from(data),
      isPacked: method === 8,
    });
    at += CENTRAL_BYTES + nameBytes + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
  return entries;
}

function inflated(data: Buffer): Uint8Array {
  try {
    return Uint8Array.from(inflateRawSync(data));
  } catch {
    return Uint8Array.from(data); // a seed that is damaged on purpose
  }
}

/** @param random where given, one of the numbers of a header is another afterwards */
function zipOf(entries: readonly Entry[], random?: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes, isPacked } of entries) {
    const data = isPacked ? deflateRawSync(bytes) : bytes;
    const path = Buffer.from(name, 'latin1');
    const shared = { method: isPacked ? 8 : 0, crc: crc32.buf(bytes), packed: data.length, size: bytes.length, path };
    const local = Buffer.alloc(LOCAL_BYTES);
    writeHeader(local, { signature: 0x04034b50, at: 8, ...shared });
    const central = Buffer.alloc(CENTRAL_BYTES);
    writeHeader(central, { signature: 0x02014b50, at: 10, ...shared });
    central.writeUInt32LE(offset, 42);
    parts.push(local, path, data);
    directory.push(central, path);
    offset += local.length + path.length + data.length;
  }
  const listed = joined(...directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  for (const at of [8, 10]) end.writeUInt16LE(entries.length, at);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  const headers = random ? changeBytes(joined(listed, end), random) : joined(listed, end);
  return joined(...parts, headers);
}

function writeHeader(
  header: Buffer,
  given: { signature: number; at: number; method: number; crc: number; packed: number; size: number; path: Buffer },
): void {
  header.writeUInt32LE(given.signature, 0);
  header.writeUInt16LE(given.method, given.at);
  header.writeInt32LE(given.crc, given.at + 6);
  header.writeUInt32LE(given.packed, given.at + 10);
  header.writeUInt32LE(given.size, given.at + 14);
  header.writeUInt16LE(Math.min(given.path.length, 65535), given.at + 18);
}

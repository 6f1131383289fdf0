// Writes a zip file piece by piece, entries stored as they are. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
//
// A checksum stands before its data only if the data is read twice. Instead it follows them in a data descriptor, which
// is how torch.save writes too; readers take it from the central directory at the end.
import { crc32 } from './crc32.ts';

export interface EntryToZip {
  readonly name: string;
  /** Bytes that `read` will give. */
  readonly size: number;
  read(): Promise<Uint8Array>;
}

/** A written entry, as the central directory lists it. */
export interface ZipRecord {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Byte of the file where its local header begins. */
  readonly offset: number;
}

/** Data begins at multiples of this, as torch.save writes it, so that readers can map it into memory. */
const ALIGNMENT = 64;
const LOCAL_HEADER_BYTES = 30;
/** The name of PyTorch's padding in the list of extra fields: `FB`. */
const PADDING_FIELD = 0x4246;
const ZIP64_FIELD = 1;
/** Data descriptor, UTF-8 names. */
const FLAGS = 0x0808;
/** Sizes and offsets from here are told by ZIP64 fields. */
const LIMIT_32 = 0xffffffff;
const LIMIT_16 = 0xffff;

/** The bytes of a zip file in order; at most one entry is in memory. */
export async function* zipStream(entries: Iterable<EntryToZip>): AsyncGenerator<Uint8Array> {
  const records: ZipRecord[] = [];
  let offset = 0;
  for (const { name, size, read } of entries) {
    const header = localHeader(name, size, offset);
    yield header;
    const data = await read();
    const record = { name, size, crc: crc32(data), offset };
    if (size) yield data;
    const end = descriptor(record);
    yield end;
    records.push(record);
    offset += header.length + size + end.length;
  }
  yield zipDirectory(records, offset);
}

/** Everything after the entries: the central directory, which begins at byte `offset`, and its end records. */
export function zipDirectory(records: readonly ZipRecord[], offset: number): Uint8Array {
  const listed = concat(records.map(directoryEntry));
  const count = records.length;
  const isZip64 = count >= LIMIT_16 || offset >= LIMIT_32 || listed.length >= LIMIT_32;
  const zip64 = fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0]);
  const zip64Counts = fields([8, count], [8, count], [8, listed.length], [8, offset]);
  const zip64Locator = fields([4, 0x07064b50], [4, 0], [8, offset + listed.length], [4, 1]);
  const [count16, size32, offset32] = [
    Math.min(count, LIMIT_16),
    Math.min(listed.length, LIMIT_32),
    Math.min(offset, LIMIT_32),
  ];
  return concat([
    listed,
    ...(isZip64 ? [zip64, zip64Counts, zip64Locator] : []),
    fields([4, 0x06054b50], [2, 0], [2, 0], [2, count16], [2, count16], [4, size32], [4, offset32], [2, 0]),
  ]);
}

function localHeader(name: string, size: number, offset: number): Uint8Array {
  const text = new TextEncoder().encode(name);
  const isLarge = size >= LIMIT_32;
  const sizes = isLarge ? fields([2, ZIP64_FIELD], [2, 16], [8, size], [8, size]) : new Uint8Array();
  const unpadded = offset + LOCAL_HEADER_BYTES + text.length + sizes.length + 4;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  return concat([
    fields([4, 0x04034b50], [2, version(isLarge)], [2, FLAGS], [2, 0]),
    fields([2, 0], [2, 0], [4, 0]), // time, date, checksum
    fields([4, isLarge ? LIMIT_32 : 0], [4, isLarge ? LIMIT_32 : 0]),
    fields([2, text.length], [2, sizes.length + 4 + padding]),
    text,
    sizes,
    fields([2, PADDING_FIELD], [2, padding]),
    new Uint8Array(padding).fill(0x5a),
  ]);
}

function descriptor({ size, crc }: ZipRecord): Uint8Array {
  const width = size >= LIMIT_32 ? 8 : 4;
  return fields([4, 0x08074b50], [4, crc], [width, size], [width, size]);
}

function directoryEntry({ name, size, crc, offset }: ZipRecord): Uint8Array {
  const text = new TextEncoder().encode(name);
  const large: [bytes: 8, value: number][] = [];
  if (size >= LIMIT_32) large.push([8, size], [8, size]);
  if (offset >= LIMIT_32) large.push([8, offset]);
  const extra = large.length ? fields([2, ZIP64_FIELD], [2, 8 * large.length], ...large) : new Uint8Array();
  const [size32, offset32] = [Math.min(size, LIMIT_32), Math.min(offset, LIMIT_32)];
  return concat([
    fields([4, 0x02014b50], [2, version(large.length > 0)], [2, version(large.length > 0)], [2, FLAGS], [2, 0]),
    fields([2, 0], [2, 0], [4, crc], [4, size32], [4, size32], [2, text.length], [2, extra.length]),
    fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset32]), // no comment, first disk, no attributes
    text,
    extra,
  ]);
}

/** Of the format that a reader needs: 2.0, for ZIP64 4.5. */
function version(isZip64: boolean): number {
  return isZip64 ? 45 : 20;
}

/** Little-endian numbers of 2, 4 or 8 bytes. */
function fields(...numbers: readonly [bytes: 2 | 4 | 8, value: number][]): Uint8Array {
  const result = new Uint8Array(numbers.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(result.buffer);
  let at = 0;
  for (const [bytes, value] of numbers) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return result;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

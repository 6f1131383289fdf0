// Zip archives by their central directory, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3): with
// ZIP64 for large files. Entries are read by offset; checksums are not verified, as parts of entries are read.
import { FormatError } from '../../kernels/errors.ts';
import { type ByteSource, readChecked } from './byteSource.ts';
import { inflate } from './inflate.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** Byte of the file where its data, packed or not, begins. */
  readonly offset: number;
  /** Whether reading any part unpacks the whole. */
  readonly isPacked: boolean;
  /** Unpacked bytes; a stored entry's are read by offset. @throws FormatError */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

const END = { signature: 0x06054b50, bytes: 22 };
const END64_LOCATOR = { signature: 0x07064b50, bytes: 20 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ZIP64_EXTRA = 1;
const MAX_COMMENT_BYTES = 65_535;
/** Of the central directory; PyTorch writes about 100 bytes a tensor. */
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20;
/** Deflate cannot pack more densely. */
const MAX_DEFLATE_RATIO = 1032;

interface CentralEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly packedBytes: number;
  readonly size: number;
  readonly localOffset: number;
}

/** The archive's entries by name. Reads the central directory and the entries' own headers. @throws FormatError */
export async function openZipArchive(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const directory = await findDirectory(source);
  const what = 'the central directory';
  if (directory.length > MAX_DIRECTORY_BYTES) {
    throw fail(
      source,
      directory.offset,
      `${what} of ${directory.length} bytes; at most ${MAX_DIRECTORY_BYTES} are read`,
    );
  }
  const bytes = await readChecked(source, { ...directory, what });
  const entries = new Map<string, ZipEntry>();
  for (const central of centralEntries(source, bytes, directory)) {
    if (entries.has(central.name)) throw fail(source, directory.offset, `two entries are named '${central.name}'`);
    entries.set(central.name, await openEntry(source, central, directory.offset));
  }
  return entries;
}

interface Directory {
  readonly offset: number;
  readonly length: number;
  readonly entries: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const length = Math.min(source.size, END.bytes + MAX_COMMENT_BYTES);
  const start = source.size - length;
  const tail = await readChecked(source, { offset: start, length, what: 'the end of the archive' });
  const view = viewOf(tail);
  for (let at = length - END.bytes; at >= 0; at--) {
    if (view.getUint32(at, true) !== END.signature || at + END.bytes + view.getUint16(at + 20, true) !== length)
      continue;
    const directory = {
      entries: view.getUint16(at + 10, true),
      length: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const isZip64 = directory.entries === 0xffff || directory.length === 0xffffffff || directory.offset === 0xffffffff;
    return isZip64 ? findDirectory64(source, start + at) : directory;
  }
  throw fail(source, source.size, 'the archive ends without its directory: the file is cut off, or not a zip');
}

async function findDirectory64(source: ByteSource, end: number): Promise<Directory> {
  const at = end - END64_LOCATOR.bytes;
  const locator = viewOf(
    await readChecked(source, { offset: at, length: END64_LOCATOR.bytes, what: 'the ZIP64 locator' }),
  );
  if (locator.getUint32(0, true) !== END64_LOCATOR.signature) throw fail(source, at, 'no ZIP64 locator');
  const offset = Number(locator.getBigUint64(8, true));
  const view = viewOf(await readChecked(source, { offset, length: END64.bytes, what: 'the ZIP64 end record' }));
  if (view.getUint32(0, true) !== END64.signature) throw fail(source, offset, 'no ZIP64 end record');
  return {
    entries: Number(view.getBigUint64(32, true)),
    length: Number(view.getBigUint64(40, true)),
    offset: Number(view.getBigUint64(48, true)),
  };
}

function* centralEntries(source: ByteSource, bytes: Uint8Array, directory: Directory): Generator<CentralEntry> {
  const view = viewOf(bytes);
  let at = 0;
  for (let index = 0; index < directory.entries; index++) {
    const here = directory.offset + at;
    const needs = (end: number) => {
      if (end > bytes.length) throw fail(source, here, `the central directory ends within entry ${index}`);
      return end;
    };
    needs(at + CENTRAL.bytes);
    if (view.getUint32(at, true) !== CENTRAL.signature) throw fail(source, here, `no central header of entry ${index}`);
    const nameEnd = needs(at + CENTRAL.bytes + view.getUint16(at + 28, true));
    const extraEnd = needs(nameEnd + view.getUint16(at + 30, true));
    const sizes = {
      size: view.getUint32(at + 24, true),
      packedBytes: view.getUint32(at + 20, true),
      localOffset: view.getUint32(at + 42, true),
    };
    yield {
      name: new TextDecoder().decode(bytes.subarray(at + CENTRAL.bytes, nameEnd)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      ...withZip64(sizes, bytes.subarray(nameEnd, extraEnd)),
    };
    at = needs(extraEnd + view.getUint16(at + 32, true));
  }
}

type Sizes = Pick<CentralEntry, 'size' | 'packedBytes' | 'localOffset'>;

/** Replaces those that do not fit 32 bits by the ZIP64 extra field's, which lists them in this order. */
function withZip64(sizes: Sizes, extra: Uint8Array): Sizes {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = Math.min(extra.length, at + 4 + view.getUint16(at + 2, true));
    if (view.getUint16(at, true) === ZIP64_EXTRA) {
      let next = at + 4;
      const wide = Object.entries(sizes).map(([key, value]): [string, number] => {
        if (value !== 0xffffffff || next + 8 > end) return [key, value];
        next += 8;
        return [key, Number(view.getBigUint64(next - 8, true))];
      });
      return Object.fromEntries(wide) as unknown as Sizes;
    }
    at = end;
  }
  return sizes;
}

async function openEntry(source: ByteSource, central: CentralEntry, directoryOffset: number): Promise<ZipEntry> {
  const { name, flags, method, size, packedBytes, localOffset } = central;
  const refuse = (message: string) => fail(source, localOffset, `${name}: ${message}`);
  if (flags & 1) throw refuse('the entry is encrypted');
  if (method !== 0 && method !== 8) throw refuse(`compression method ${method}; stored and deflated entries are read`);
  const local = viewOf(
    await readChecked(source, { offset: localOffset, length: LOCAL.bytes, what: `the header of ${name}` }),
  );
  if (local.getUint32(0, true) !== LOCAL.signature) throw refuse('no header of the entry');
  const offset = localOffset + LOCAL.bytes + local.getUint16(26, true) + local.getUint16(28, true);
  if (offset + packedBytes > directoryOffset) {
    throw refuse(
      `its ${packedBytes} bytes from byte ${offset} reach beyond the central directory at ${directoryOffset}`,
    );
  }
  if (method === 0 && size !== packedBytes) throw refuse(`stored in ${packedBytes} bytes, but ${size} long`);
  if (method === 8 && size > packedBytes * MAX_DEFLATE_RATIO) {
    throw refuse(`${size} bytes cannot be packed into ${packedBytes}`);
  }
  return {
    name,
    size,
    offset,
    isPacked: method === 8,
    read: async (from, length) => {
      if (from + length > size) throw refuse(`bytes ${from} to ${from + length} of ${size}`);
      if (method === 0) return readChecked(source, { offset: offset + from, length, what: name });
      const packed = await readChecked(source, { offset, length: packedBytes, what: name });
      const failed = (message: string) => fail(source, offset, `${name}: ${message}`);
      return inflate(packed, { size, from, length, fail: failed });
    },
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function fail(source: ByteSource, offset: number, message: string): FormatError {
  return new FormatError(`${source.name}: at byte ${offset}: ${message}`);
}

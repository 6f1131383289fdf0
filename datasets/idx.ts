// The IDX format of MNIST's files: a magic number, big-endian sizes, then the elements row-major.

import { FormatError } from '../kernels/errors.ts';
import { gunzip } from './gunzip.ts';

/** Bytes together with the name that error messages give them, usually a path. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major elements; their type follows the file's dtype code. Bytes are a view of the input, not a copy. */
  readonly data: IdxData;
}

/** Larger files are refused unread: EMNIST, the largest known, has 0.6 GB. */
export const MAX_IDX_BYTES = 2 ** 30;

const MAX_RANK = 8;
const MAX_HEADER_BYTES = 4 + 4 * MAX_RANK;

/**
 * Reads an IDX file, plain or gzipped (told apart by content, not by name).
 * A gzipped file is inflated to no more than the size its own header declares.
 * Format: the end of http://yann.lecun.com/exdb/mnist/.
 * @throws FormatError naming the file, the byte, what was found and what was expected.
 */
export async function readIdx({ name, bytes }: NamedBytes): Promise<IdxArray> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return parseIdx({ name, bytes });
  const inflated = `${name} (inflated)`;
  const head = await gunzip({ name, bytes }, { maxBytes: MAX_HEADER_BYTES, overflow: 'cut' });
  const { fileBytes } = parseHeader({ name: inflated, bytes: head });
  return parseIdx({ name: inflated, bytes: await gunzip({ name, bytes }, { maxBytes: fileBytes, overflow: 'throw' }) });
}

/**
 * Parses the bytes of a plain IDX file. Nothing is allocated before the declared sizes are found to match the bytes.
 * @throws FormatError naming the file, the byte, what was found and what was expected.
 */
export function parseIdx(file: NamedBytes): IdxArray {
  const { dtype, shape, headerBytes, fileBytes } = parseHeader(file);
  const { name, bytes } = file;
  if (bytes.length !== fileBytes) {
    const problem = bytes.length < fileBytes ? 'the file is truncated' : 'bytes follow the last element';
    throw new FormatError(
      `${name}: at byte ${Math.min(bytes.length, fileBytes)}: ${problem}: found ${bytes.length} bytes in all, ` +
        `expected ${fileBytes} for ${dtype.name} [${shape.join(', ')}] after a header of ${headerBytes}`,
    );
  }
  return { shape, data: dtype.read(bytes.subarray(headerBytes)) };
}

interface Dtype {
  readonly name: string;
  readonly bytes: number;
  readonly read: (bytes: Uint8Array) => IdxData;
}

const DTYPES: Readonly<Record<number, Dtype>> = {
  // A plain Uint8Array even where the input is Node's Buffer, whose slice() does not copy.
  8: { name: 'uint8', bytes: 1, read: (bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) },
  9: { name: 'int8', bytes: 1, read: (bytes) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) },
  11: bigEndian('int16', Int16Array, (view, at) => view.getInt16(at)),
  12: bigEndian('int32', Int32Array, (view, at) => view.getInt32(at)),
  13: bigEndian('float32', Float32Array, (view, at) => view.getFloat32(at)),
  14: bigEndian('float64', Float64Array, (view, at) => view.getFloat64(at)),
};

interface Header {
  readonly dtype: Dtype;
  readonly shape: number[];
  readonly headerBytes: number;
  readonly fileBytes: number;
}

function parseHeader({ name, bytes }: NamedBytes): Header {
  const fail = (offset: number, found: string, expected: string): never => {
    throw new FormatError(`${name}: at byte ${offset}: found ${found}, expected ${expected}`);
  };
  if (bytes.length < 4) fail(bytes.length, 'the end of the file', 'an IDX magic number of 4 bytes');
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    fail(0, hex(bytes.subarray(0, 4)), 'an IDX magic number: 00 00, dtype code, number of dimensions');
  }
  const dtype =
    DTYPES[bytes[2]!] ??
    fail(2, `dtype code ${hex(bytes.subarray(2, 3))}`, '08, 09, 0b, 0c, 0d or 0e (uint8 to float64)');
  const rank = bytes[3]!;
  if (rank < 1 || rank > MAX_RANK) fail(3, `${rank} dimensions`, `1 to ${MAX_RANK}`);
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    fail(bytes.length, 'the end of the file', `a header of ${headerBytes} bytes for ${rank} dimensions`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  let fileBytes = dtype.bytes;
  for (const size of shape) fileBytes *= size;
  fileBytes += headerBytes;
  if (fileBytes > MAX_IDX_BYTES) {
    fail(4, `dimensions [${shape.join(', ')}] of ${dtype.name}`, `a file of at most ${MAX_IDX_BYTES} bytes`);
  }
  return { dtype, shape, headerBytes, fileBytes };
}

function bigEndian<T extends Int16Array | Int32Array | Float32Array | Float64Array>(
  name: string,
  type: { new (length: number): T; readonly BYTES_PER_ELEMENT: number },
  get: (view: DataView, at: number) => number,
): Dtype {
  const size = type.BYTES_PER_ELEMENT;
  const read = (bytes: Uint8Array): T => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const data = new type(bytes.length / size);
    for (let i = 0; i < data.length; i++) data[i] = get(view, i * size);
    return data;
  };
  return { name, bytes: size, read };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

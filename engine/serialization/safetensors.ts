// The safetensors format: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps.
// https://huggingface.co/docs/safetensors/index#format
import { FormatError } from '../../kernels/errors.ts';
import type { HostTensor, StateDict } from '../hostTensor.ts';
import { decode, elementBytes, type StoredType, storedType } from './safetensorsTypes.ts';

export interface Safetensors {
  tensors: StateDict;
  /** The file's `__metadata__`: texts by name. */
  metadata: Record<string, string>;
}

/** The reference implementation's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads a file's bytes. F32, I32, U32 and I64 stay as they are; F16, BF16 and F64 become float32, and smaller integers
 * and booleans int32.
 * @param options.file name for errors
 * @throws FormatError naming the file, the offset and what was expected
 */
export function readSafetensors(bytes: Uint8Array, { file = 'safetensors' }: { file?: string } = {}): Safetensors {
  const fail = (offset: number, message: string) => new FormatError(`${file}: at byte ${offset}: ${message}`);
  if (bytes.length < 8) throw fail(0, `the header's length needs 8 bytes, the file has ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(MAX_HEADER_BYTES) || headerBytes > BigInt(bytes.length - 8)) {
    throw fail(0, `a header of ${headerBytes} bytes does not fit a file of ${bytes.length}`);
  }
  const start = 8 + Number(headerBytes);
  const header = parseHeader(bytes.subarray(8, start), fail);
  const tensors: StateDict = new Map();
  let metadata: Record<string, string> = {};
  const spans: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = checkedMetadata(entry, fail);
      continue;
    }
    const { type, shape, begin, end } = checkedEntry(name, entry, bytes.length - start, fail);
    spans.push({ name, begin, end });
    tensors.set(name, decode(type, shape, bytes.subarray(start + begin, start + end)));
  }
  checkCovered(spans, bytes.length - start, (offset, message) => fail(start + offset, message));
  return { tensors, metadata };
}

/** Writes tensors and texts; the widest types come first, so that every tensor's bytes are aligned. */
export function writeSafetensors(tensors: StateDict, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const sorted = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let offset = 0;
  const entries = sorted.map(([name, tensor]): [string, unknown] => {
    const begin = offset;
    offset += tensor.data.byteLength;
    return [name, { dtype: storedType(tensor.dtype), shape: tensor.shape, data_offsets: [begin, offset] }];
  });
  const texts: [string, unknown][] = Object.keys(metadata).length ? [['__metadata__', metadata]] : [];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...texts, ...entries])));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, 8 + headerBytes); // padded with spaces, as the format asks
  let at = 8 + headerBytes;
  for (const [, { data }] of sorted) {
    bytes.set(littleEndian(data), at);
    at += data.byteLength;
  }
  return bytes;
}

type Fail = (offset: number, message: string) => FormatError;

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw fail(8, "the header must begin with '{'");
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail(8, `the header is no JSON: ${(error as Error).message}`);
  }
}

function checkedMetadata(entry: unknown, fail: Fail): Record<string, string> {
  const isTexts =
    typeof entry === 'object' && entry && Object.values(entry).every((value) => typeof value === 'string');
  if (!isTexts) throw fail(8, '__metadata__ must map names to texts');
  return entry as Record<string, string>;
}

function checkedEntry(
  name: string,
  entry: unknown,
  dataBytes: number,
  fail: Fail,
): { type: StoredType; shape: number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const size = elementBytes(dtype);
  if (!size) throw fail(8, `'${name}' has dtype ${JSON.stringify(dtype)}, which cannot be read`);
  if (!isCounts(shape)) throw fail(8, `'${name}' has shape ${JSON.stringify(shape)}; whole numbers are expected`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw fail(8, `'${name}' has data_offsets ${JSON.stringify(offsets)}; [begin, end] is expected`);
  }
  const [begin, end] = offsets;
  const wanted = shape.reduce((product, extent) => product * extent, size);
  if (end - begin !== wanted) {
    throw fail(
      8,
      `'${name}' of shape [${shape.join(', ')}] and ${dtype} needs ${wanted} bytes, data_offsets give ${end - begin}`,
    );
  }
  if (end > dataBytes) throw fail(8, `'${name}' ends at ${end} of ${dataBytes} data bytes`);
  return { type: dtype as StoredType, shape, begin, end };
}

/** Every data byte belongs to exactly one tensor. */
function checkCovered(spans: { name: string; begin: number; end: number }[], dataBytes: number, fail: Fail): void {
  let at = 0;
  for (const { name, begin, end } of spans.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw fail(begin, `'${name}' begins at data byte ${begin}, where ${at} is expected`);
    at = end;
  }
  if (at !== dataBytes) throw fail(at, `the tensors end at data byte ${at}, the file at ${dataBytes}`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function littleEndian({ buffer, byteOffset, byteLength }: HostTensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength); // WebGPU itself exists on little-endian machines only
}

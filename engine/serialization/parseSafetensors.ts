// The JSON header of a safetensors file, checked: https://huggingface.co/docs/safetensors/index#format
import { type Shape, sizeOf } from '../../kernels/definition.ts';
import { FormatError } from '../../kernels/errors.ts';
import { dtypeOfName } from './safetensorsTypes.ts';
import { elementBytes, type StoredDType } from './storedDType.ts';

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  /** Bytes of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  /** The file's `__metadata__`: texts by name. */
  readonly metadata: Record<string, string>;
}

/** Which file, for errors, and its size in bytes. */
export interface SafetensorsFile {
  readonly file: string;
  readonly fileBytes: number;
}

/** Bytes that hold the header's length. */
export const LENGTH_BYTES = 8;
/** The reference implementation's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** Bytes of the header, from the file's first eight (or fewer, of a shorter file). @throws FormatError */
export function headerLength(first: Uint8Array, { file, fileBytes }: SafetensorsFile): number {
  const fail = failIn(file);
  if (first.length < LENGTH_BYTES) throw fail(0, `the header's length needs 8 bytes, the file has ${first.length}`);
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(fileBytes - LENGTH_BYTES)) {
    throw fail(0, `a header of ${length} bytes does not fit a file of ${fileBytes}`);
  }
  return Number(length);
}

/** Checks that the entries cover the file's data exactly. @param bytes the header's. @throws FormatError */
export function parseHeader(bytes: Uint8Array, { file, fileBytes }: SafetensorsFile): SafetensorsHeader {
  const fail = failIn(file);
  const start = LENGTH_BYTES + bytes.length;
  const entries: SafetensorsEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseJson(bytes, fail))) {
    if (name === '__metadata__') metadata = checkedMetadata(value, fail);
    else entries.push(checkedEntry(name, value, { start, fileBytes }, fail));
  }
  checkCovered(entries, { start, fileBytes }, fail);
  return { entries, metadata };
}

type Fail = (offset: number, message: string) => FormatError;
interface DataSpan {
  readonly start: number;
  readonly fileBytes: number;
}

function failIn(file: string): Fail {
  return (offset, message) => new FormatError(`${file}: at byte ${offset}: ${message}`);
}

function parseJson(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw fail(LENGTH_BYTES, "the header must begin with '{'");
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail(LENGTH_BYTES, `the header is no JSON: ${(error as Error).message}`);
  }
}

function checkedMetadata(value: unknown, fail: Fail): Record<string, string> {
  const isTexts = typeof value === 'object' && value && Object.values(value).every((text) => typeof text === 'string');
  if (!isTexts) throw fail(LENGTH_BYTES, '__metadata__ must map names to texts');
  return value as Record<string, string>;
}

function checkedEntry(name: string, value: unknown, { start, fileBytes }: DataSpan, fail: Fail): SafetensorsEntry {
  const { dtype: type, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const wrong = (message: string) => fail(LENGTH_BYTES, `'${name}' ${message}`);
  const dtype = dtypeOfName(type);
  if (!dtype) throw wrong(`has dtype ${shown(type)}, which cannot be read`);
  if (!isCounts(shape)) throw wrong(`has shape ${shown(shape)}; whole numbers are expected`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw wrong(`has data_offsets ${shown(offsets)}; [begin, end] is expected`);
  }
  const [begin, end] = offsets;
  const wanted = sizeOf(shape) * elementBytes(dtype);
  if (end - begin !== wanted) {
    throw wrong(`of shape [${shape.join(', ')}] and ${type} needs ${wanted} bytes, data_offsets give ${end - begin}`);
  }
  if (end > fileBytes - start) throw wrong(`ends at ${end} of ${fileBytes - start} data bytes`);
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

/** Every data byte belongs to exactly one tensor. */
function checkCovered(entries: readonly SafetensorsEntry[], { start, fileBytes }: DataSpan, fail: Fail): void {
  let at = start;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw fail(begin, `'${name}' begins at data byte ${begin - start}, where ${at - start} is expected`);
    at = end;
  }
  if (at !== fileBytes) throw fail(at, `the tensors end at data byte ${at - start}, the file at ${fileBytes - start}`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** For errors; values nested deep enough to overflow the stack, and long ones, are not written out. */
function shown(value: unknown): string {
  const items = Array.isArray(value) && value.length <= 64 ? value : [value];
  if (items.some((item) => typeof item === 'object' && item !== null)) return 'a nested or very long value';
  return String(JSON.stringify(value)).slice(0, 1000);
}

// The safetensors format: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps.
// https://huggingface.co/docs/safetensors/index#format
import type { StateDict } from '../hostTensor.ts';
import { headerLength, LENGTH_BYTES, parseHeader } from './parseSafetensors.ts';
import { safetensorsHead } from './safetensorsHead.ts';
import { toHost } from './storedDType.ts';
import { viewOf } from './tensorsToWrite.ts';

export interface Safetensors {
  tensors: StateDict;
  /** The file's `__metadata__`: texts by name. */
  metadata: Record<string, string>;
}

/**
 * Reads a file's bytes. F32, I32, U32 and I64 stay as they are; F16, BF16 and F64 become float32, U64 int64, and
 * smaller integers and booleans int32.
 * @param options.file name for errors
 * @throws FormatError naming the file, the offset and what was expected
 */
export function readSafetensors(bytes: Uint8Array, { file = 'safetensors' }: { file?: string } = {}): Safetensors {
  const here = { file, fileBytes: bytes.length };
  const length = headerLength(bytes.subarray(0, LENGTH_BYTES), here);
  const { entries, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length), here);
  const tensors: StateDict = new Map();
  for (const { name, dtype, shape, begin, end } of entries) {
    const own = new Uint8Array(bytes.subarray(begin, end)); // a Buffer's slice() would share the file's memory
    tensors.set(name, toHost(dtype, shape, own, `${file}: '${name}': at byte ${begin}`));
  }
  return { tensors, metadata };
}

/** Writes tensors and texts; the widest types come first, so that every tensor's bytes are aligned. */
export function writeSafetensors(tensors: StateDict, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { head, names, dataBytes } = safetensorsHead(tensors, metadata);
  const bytes = new Uint8Array(head.length + dataBytes);
  bytes.set(head);
  let at = head.length;
  for (const tensor of names.map((name) => tensors.get(name)!)) {
    bytes.set(viewOf(tensor), at);
    at += tensor.data.byteLength;
  }
  return bytes;
}

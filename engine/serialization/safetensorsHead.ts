// Writes the head of a safetensors file: 8 bytes of length, JSON, spaces.
// https://huggingface.co/docs/safetensors/index#format
import type { Shape } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { storedType } from './safetensorsTypes.ts';
import { elementBytes, type StoredDType, tensorBytes } from './storedDType.ts';

export interface SafetensorsHead {
  /** Everything before the tensors' bytes; its length is a multiple of 8. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The tensors in the order of their bytes, the widest types first, so that every one is aligned. */
  readonly names: readonly string[];
  /** Bytes of all tensors together. */
  readonly dataBytes: number;
}

/** @throws ShapeError for a tensor that has the name of the metadata */
export function safetensorsHead(
  tensors: ReadonlyMap<string, { readonly dtype: StoredDType; readonly shape: Shape }>,
  metadata: Readonly<Record<string, string>>,
): SafetensorsHead {
  if (tensors.has(METADATA)) throw new ShapeError(`safetensors: no tensor can be called ${METADATA}`);
  const sorted = [...tensors].sort(([, a], [, b]) => elementBytes(b.dtype) - elementBytes(a.dtype));
  let offset = 0;
  const entries = sorted.map(([name, { dtype, shape }]): [string, unknown] => {
    const begin = offset;
    offset += tensorBytes(dtype, shape);
    return [name, { dtype: storedType(dtype), shape, data_offsets: [begin, offset] }];
  });
  const texts: [string, unknown][] = Object.keys(metadata).length ? [[METADATA, metadata]] : [];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...texts, ...entries])));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + headerBytes).fill(0x20); // padded with spaces, as the format asks
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, 8);
  return { head, names: sorted.map(([name]) => name), dataBytes: offset };
}

const METADATA = '__metadata__';

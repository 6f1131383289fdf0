// Element types of safetensors files and what they become on the host.
import type { HostTensor } from '../hostTensor.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './halfFloats.ts';

const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type StoredType = keyof typeof ELEMENT_BYTES;

/** Bytes of one element, or undefined for types that cannot be read. */
export function elementBytes(type: unknown): number | undefined {
  return Object.hasOwn(ELEMENT_BYTES, String(type)) ? ELEMENT_BYTES[type as StoredType] : undefined;
}

/** The type that a host tensor is written as. */
export function storedType(dtype: HostTensor['dtype']): StoredType {
  return ({ float32: 'F32', int32: 'I32', uint32: 'U32', int64: 'I64' } as const)[dtype];
}

/** Little-endian bytes to a host tensor. */
export function decode(type: StoredType, shape: readonly number[], bytes: Uint8Array): HostTensor {
  const { buffer } = new Uint8Array(bytes); // aligned, and free of the file's memory (a Node Buffer's slice() is not)
  switch (type) {
    case 'F32':
      return { dtype: 'float32', shape, data: new Float32Array(buffer) };
    case 'F64':
      return { dtype: 'float32', shape, data: Float32Array.from(new Float64Array(buffer)) };
    case 'F16':
      return { dtype: 'float32', shape, data: float16ToFloat32(new Uint16Array(buffer)) };
    case 'BF16':
      return { dtype: 'float32', shape, data: bfloat16ToFloat32(new Uint16Array(buffer)) };
    case 'I64':
      return { dtype: 'int64', shape, data: new BigInt64Array(buffer) };
    case 'U32':
      return { dtype: 'uint32', shape, data: new Uint32Array(buffer) };
    case 'I32':
      return { dtype: 'int32', shape, data: new Int32Array(buffer) };
    default: {
      const kind = { I16: Int16Array, U16: Uint16Array, I8: Int8Array, U8: Uint8Array, BOOL: Uint8Array }[type];
      return { dtype: 'int32', shape, data: Int32Array.from(new kind(buffer)) };
    }
  }
}

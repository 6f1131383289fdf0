// Element types of tensors in files, and what they become on the host.
import { type Shape, sizeOf } from '../../kernels/definition.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { HostTensor } from '../hostTensor.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './halfFloats.ts';

const ELEMENT_BYTES = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  uint32: 4,
  uint16: 2,
  uint64: 8,
  bool: 1,
} as const;

export type StoredDType = keyof typeof ELEMENT_BYTES;

/** Bytes of one element. */
export function elementBytes(dtype: StoredDType): number {
  return ELEMENT_BYTES[dtype];
}

/** Bytes of a tensor; may exceed what memory or safe integers hold when a file lies. */
export function tensorBytes(dtype: StoredDType, shape: Shape): number {
  return sizeOf(shape) * ELEMENT_BYTES[dtype];
}

/**
 * Little-endian bytes as a host tensor: halves and float64 become float32, uint64 int64, smaller integers and booleans
 * int32. The bytes must fill a buffer of their own; the result takes it over where the type stays.
 * @param where file, entry and offset, for errors
 * @throws FormatError for a uint64 that int64 cannot hold
 */
export function toHost(
  dtype: StoredDType,
  shape: Shape,
  { buffer }: Uint8Array<ArrayBuffer>,
  where: string,
): HostTensor {
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'float64':
      return { dtype: 'float32', shape, data: new Float32Array(new Float64Array(buffer)) };
    case 'float16':
      return { dtype: 'float32', shape, data: float16ToFloat32(new Uint16Array(buffer)) };
    case 'bfloat16':
      return { dtype: 'float32', shape, data: bfloat16ToFloat32(new Uint16Array(buffer)) };
    case 'int64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'uint64': {
      const data = new BigInt64Array(buffer);
      if (data.some((value) => value < 0n)) throw new FormatError(`${where}: holds 2^63 or more, beyond int64`);
      return { dtype: 'int64', shape, data };
    }
    case 'uint32':
      return { dtype, shape, data: new Uint32Array(buffer) };
    case 'int32':
      return { dtype, shape, data: new Int32Array(buffer) };
    default: {
      const kind = { int16: Int16Array, uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array };
      return { dtype: 'int32', shape, data: new Int32Array(new kind[dtype](buffer)) };
    }
  }
}

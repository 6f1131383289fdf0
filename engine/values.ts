// Between JavaScript's numbers and the bytes of a tensor in memory.
import { bytesOf, type DType, sizeOf, type TensorSpec } from '../kernels/definition.ts';
import { reorder, restore } from './reorder.ts';
import { float16ToFloat32 } from './serialization/halfFloats.ts';
import { float32ToFloat16 } from './serialization/roundToHalf.ts';

export type Values = ArrayLike<number> | Float32Array | Uint32Array | Int32Array;

/** Values in logical row-major order as a tensor's bytes. float16 rounds to nearest, ties to even. */
export function toWords(values: Values, spec: TensorSpec): ArrayBufferView<ArrayBuffer> {
  const physical = reorder(typed(values, spec.dtype), spec.shape, spec.order) as Float32Array<ArrayBuffer>;
  if (spec.dtype !== 'float16') return physical;
  const halves = new Uint16Array(bytesOf(spec) / 2);
  halves.set(float32ToFloat16(physical));
  return halves;
}

/** A tensor's bytes as values in logical row-major order; those of float16 as float32. */
export function fromWords(bytes: ArrayBuffer, spec: TensorSpec): Float32Array | Uint32Array | Int32Array {
  return restore(decoded(bytes, spec), spec.shape, spec.order);
}

function decoded(bytes: ArrayBuffer, { shape, dtype }: TensorSpec): Float32Array | Uint32Array | Int32Array {
  if (dtype === 'int32') return new Int32Array(bytes);
  if (dtype === 'uint32') return new Uint32Array(bytes);
  return dtype === 'float32' ? new Float32Array(bytes) : float16ToFloat32(new Uint16Array(bytes, 0, sizeOf(shape)));
}

function typed(values: Values, dtype: DType): Float32Array | Uint32Array | Int32Array {
  const kind = { float32: Float32Array, float16: Float32Array, int32: Int32Array, uint32: Uint32Array }[dtype];
  return values instanceof kind ? values : kind.from(values);
}

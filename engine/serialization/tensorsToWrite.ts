// What writers of checkpoints take: tensors in memory and tensors of an opened file alike.
import type { Shape } from '../../kernels/definition.ts';
import { FormatError } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import type { HostTensor } from '../hostTensor.ts';
import { type StoredDType, tensorBytes } from './storedDType.ts';

/** The part of `StoredTensor` that writers use. */
export interface ReadableTensor {
  readonly dtype: StoredDType;
  readonly shape: Shape;
  readBytes(): Promise<Uint8Array>;
}

/** By name: a `StateDict`, or the `tensors` of a `CheckpointFile`, read one at a time. */
export type TensorsToWrite = ReadonlyMap<string, HostTensor | ReadableTensor>;

/**
 * The bytes that are written for a tensor: row-major, little-endian.
 * @throws FormatError when they are not as many as its shape asks for
 */
export async function bytesToWrite(name: string, tensor: HostTensor | ReadableTensor): Promise<Uint8Array> {
  const bytes = 'data' in tensor ? viewOf(tensor) : await tensor.readBytes();
  const wanted = tensorBytes(tensor.dtype, tensor.shape);
  if (bytes.length === wanted) return bytes;
  throw new FormatError(
    `'${name}' of shape ${show(tensor.shape)} and ${tensor.dtype} needs ${wanted} bytes, given ${bytes.length}`,
  );
}

/** WebGPU itself exists on little-endian machines only. */
export function viewOf({ data: { buffer, byteOffset, byteLength } }: HostTensor): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

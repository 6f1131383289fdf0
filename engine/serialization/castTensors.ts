// Floating-point tensors of a checkpoint as another type, converted one at a time when they are read.
import { ShapeError } from '../../kernels/errors.ts';
import type { StoredTensor } from './checkpointFile.ts';
import { float32ToBfloat16, float32ToFloat16 } from './roundToHalf.ts';
import type { ReadableTensor } from './tensorsToWrite.ts';

export const CAST_DTYPES = ['float32', 'float16', 'bfloat16'] as const;
export type CastDType = (typeof CAST_DTYPES)[number];

/**
 * Rounds to nearest, ties to even, as PyTorch's `to(dtype)`. Integers and booleans stay as they are. Reading throws
 * ShapeError for a finite number that float16 would make infinite, which PyTorch lets pass.
 */
export function castTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  dtype: CastDType,
): ReadonlyMap<string, ReadableTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name, isFloat(tensor) ? cast(tensor, dtype) : tensor]));
}

function isFloat({ dtype }: StoredTensor): boolean {
  return dtype.includes('float');
}

function cast(tensor: StoredTensor, dtype: CastDType): ReadableTensor {
  if (tensor.dtype === dtype) return tensor;
  const readBytes = async () => {
    const { data } = await tensor.read();
    const values = data as Float32Array<ArrayBuffer>;
    const { buffer } = dtype === 'float32' ? values : ROUND[dtype](values);
    // as float32 what is beyond it is infinite already
    const exact = tensor.dtype === 'float64' ? new Float64Array((await tensor.readBytes()).slice().buffer) : values;
    const overflow = dtype === 'float16' && exact.find((value) => Math.abs(value) >= BEYOND && Number.isFinite(value));
    if (overflow) throw new ShapeError(`'${tensor.name}' has ${overflow}, beyond float16: use bfloat16`);
    return new Uint8Array(buffer);
  };
  return { dtype, shape: tensor.shape, readBytes };
}

const ROUND = { float16: float32ToFloat16, bfloat16: float32ToBfloat16 };
/** From here on float16 rounds to infinity; its largest number is 65504. */
const BEYOND = 65520;

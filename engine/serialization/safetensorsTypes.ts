// The names safetensors files give to element types.
import type { StoredDType } from './storedDType.ts';

const NAMES = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
} as const satisfies Record<StoredDType, string>;

/** The name a type is written as. */
export function storedType(dtype: StoredDType): string {
  return NAMES[dtype];
}

/** The type of a name, or undefined for those that cannot be read. */
export function dtypeOfName(name: unknown): StoredDType | undefined {
  return Object.entries(NAMES).find(([, each]) => each === name)?.[0] as StoredDType | undefined;
}

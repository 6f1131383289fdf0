// A pickle's values as plain data fit for JSON: what reports and converted files keep of a checkpoint's other contents.
import type { FormatError } from '../../../kernels/errors.ts';
import { PickleGlobal, Tuple, typeName } from '../pickle/pickleValue.ts';
import { NumpyArray } from './numpyValue.ts';
import { TorchTensor } from './torchTensor.ts';

const MAX_DEPTH = 100;
/** Shared values are written out each time, so a small pickle can unfold to any size. */
const MAX_VALUES = 1_000_000;
/** Of tuples as keys, which become texts. */
const MAX_KEY_ITEMS = 16;
const MAX_KEY_ITEM_CHARACTERS = 200;

/**
 * Dicts become objects, tuples and sets arrays; tensors, arrays and bytes are described (`float32 tensor [16, 3]`),
 * integers beyond 2^53, infinities and NaN are texts.
 * @throws FormatError made by `fail` for values that contain themselves, or unfold to more than a million
 */
export function plainObject(values: ReadonlyMap<string, unknown>, fail: (message: string) => FormatError) {
  let left = MAX_VALUES;
  const plain = (value: unknown, depth: number): unknown => {
    if (--left < 0 || depth > MAX_DEPTH) {
      throw fail(`the values beside the weights are nested more than ${MAX_DEPTH} deep, or more than ${MAX_VALUES}`);
    }
    if (value instanceof Map) {
      return Object.fromEntries([...value].map(([key, inner]) => [keyText(key, fail), plain(inner, depth + 1)]));
    }
    const items = value instanceof Tuple ? value.items : value instanceof Set ? [...value] : value;
    return Array.isArray(items) ? items.map((item) => plain(item, depth + 1)) : plainScalar(items);
  };
  return plain(values, 0) as Record<string, unknown>;
}

function plainScalar(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof TorchTensor) return `${value.dtype} tensor [${value.shape.join(', ')}]`;
  if (value instanceof NumpyArray) return value.description;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof PickleGlobal) return value.name;
  return typeName(value);
}

function keyText(key: unknown, fail: (message: string) => FormatError): string {
  if (key instanceof Tuple) {
    const texts = key.items.slice(0, MAX_KEY_ITEMS).map((item) => String(plainScalar(item)));
    if (key.items.length > MAX_KEY_ITEMS || texts.some(({ length }) => length > MAX_KEY_ITEM_CHARACTERS)) {
      throw fail(`a key of ${key.items.length} values; at most ${MAX_KEY_ITEMS}, none of them long, are read`);
    }
    return `(${texts.join(', ')})`;
  }
  return String(plainScalar(key));
}

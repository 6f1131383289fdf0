// The Python version of CIFAR-10 and CIFAR-100: dicts of lists of labels and a NumPy array of pixels, pickled by Python 2.
// Read by a machine that knows these types only, and runs nothing. https://www.cs.toronto.edu/~kriz/cifar.html
import { latin1Bytes, latin1Text } from '../engine/serialization/pickle/latin1.ts';
import {
  type Buildable,
  type Fail,
  type GlobalCall,
  PickleGlobal,
  Tuple,
  typeName,
} from '../engine/serialization/pickle/pickleValue.ts';
import { type PickleWorld, unpickle } from '../engine/serialization/pickle/unpickle.ts';
import { FormatError } from '../kernels/errors.ts';
import { type CifarFile, PIXEL_BYTES } from './cifarRecords.ts';
import type { NamedBytes } from './idx.ts';

/**
 * A batch: `data`, uint8 [count, 3072], and the lists of labels under `keys`.
 * @throws FormatError naming the file and the byte, or the key
 */
export function pickledFile(file: NamedBytes, keys: readonly string[]): CifarFile {
  const dict = pickledDict(file);
  const { name } = file;
  const data = entryOf(name, dict, 'data');
  if (!(data instanceof NumpyBytes) || !data.bytes) {
    throw new FormatError(
      `${name}: data: found ${typeName(data)}, expected a NumPy array of uint8 [count, ${PIXEL_BYTES}]`,
    );
  }
  const { shape, bytes } = data;
  const [count = 0] = shape;
  if (shape.length !== 2 || shape[1] !== PIXEL_BYTES || count === 0) {
    throw new FormatError(`${name}: data: found the shape [${shape.join(', ')}], expected [count, ${PIXEL_BYTES}]`);
  }
  const columns = keys.map((key) => {
    const labels = entryOf(name, dict, key);
    if (!Array.isArray(labels)) throw new FormatError(`${name}: ${key}: found ${typeName(labels)}, expected a list`);
    if (labels.length === count) return labels as readonly unknown[];
    throw new FormatError(`${name}: ${key}: found ${labels.length} labels for ${count} images`);
  });
  return {
    count,
    label: (record, column) => columns[column]![record],
    pixels: (record) => bytes.subarray(record * PIXEL_BYTES, (record + 1) * PIXEL_BYTES),
    where: (record, column) => `${name}: record ${record}, ${keys[column]}`,
  };
}

/**
 * A list of names in batches.meta or meta.
 * @throws FormatError unless it is there and has `count` of them
 */
export function pickledNames(file: NamedBytes, key: string, count: number): string[] {
  const names = entryOf(file.name, pickledDict(file), key);
  const texts = Array.isArray(names) ? names.map((name) => textOf(name)) : [];
  if (texts.length === count && texts.every((text) => text !== undefined)) return texts as string[];
  throw new FormatError(`${file.name}: ${key}: found ${describe(names)}, expected a list of ${count} names`);
}

function describe(value: unknown): string {
  return Array.isArray(value) ? `a list of ${value.length} values` : typeName(value);
}

/** Python 2's strings, and Python 3's bytes and strings, are the same keys. */
function entryOf(name: string, dict: ReadonlyMap<unknown, unknown>, key: string): unknown {
  for (const [own, value] of dict) if (textOf(own) === key) return value;
  const known = [...dict.keys()].slice(0, 10).map((own) => textOf(own)?.slice(0, 50) ?? typeName(own));
  throw new FormatError(`${name}: the dict has no key '${key}', only ${known.join(', ') || 'none'}`);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array && value.length < 256 ? latin1Text(value) : undefined;
}

function pickledDict({ name, bytes }: NamedBytes): ReadonlyMap<unknown, unknown> {
  const location = { file: name, entry: 'pickle', offset: 0, available: bytes.length };
  const { value, end } = unpickle(bytes, location, cifarWorld);
  if (end !== bytes.length)
    throw new FormatError(`${name}: at byte ${end}: ${bytes.length - end} bytes follow the pickle`);
  if (value instanceof Map) return value;
  throw new FormatError(`${name}: found a pickled ${typeName(value)}, expected a dict`);
}

class NumpyDType implements Buildable {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }

  /** Byte order and such: nothing to a byte. */
  build(): void {}
}

class NumpyBytes implements Buildable {
  shape: readonly number[] = [];
  /** Absent until the state is set. */
  bytes: Uint8Array | undefined;

  /** (version, shape, dtype, is in Fortran's order, bytes) */
  build(state: unknown, fail: Fail): void {
    const [, shape, dtype, isFortran, given] = state instanceof Tuple ? state.items : [];
    if (!(dtype instanceof NumpyDType) || !(shape instanceof Tuple)) throw fail('the state of a numpy.ndarray');
    if (!shape.items.every((size) => Number.isSafeInteger(size) && Number(size) >= 0))
      throw fail('the shape of a numpy.ndarray');
    if (!/^[|<>=]?u1$/.test(dtype.code)) throw fail(`a NumPy array of ${dtype.code.slice(0, 50)}, expected u1 (uint8)`);
    if (isFortran) throw fail("a NumPy array in Fortran's order, expected C's");
    const bytes = typeof given === 'string' ? latin1Bytes(given) : given;
    if (!(bytes instanceof Uint8Array)) throw fail(`the values of a numpy.ndarray are ${typeName(given)}`);
    this.shape = shape.items as readonly number[];
    const size = this.shape.reduce((product, extent) => product * extent, 1);
    if (bytes.length !== size) {
      throw fail(`a NumPy array of [${this.shape.join(', ')}] with ${bytes.length} values, expected ${size}`);
    }
    this.bytes = bytes;
  }
}

const newDType: GlobalCall = ([code], fail) => {
  if (typeof code !== 'string') throw fail(`is given ${typeName(code)}, expected a str`);
  return new NumpyDType(code);
};

/** Protocol 2 of Python 3 writes bytes as the text of their code points. */
const encode: GlobalCall = ([text, encoding = 'latin1'], fail) => {
  const bytes = typeof text === 'string' && encoding === 'latin1' ? latin1Bytes(text) : undefined;
  if (!bytes) throw fail('something other than latin1');
  return bytes;
};

const ALLOWED: ReadonlyMap<string, PickleGlobal> = new Map(
  (
    [
      ['numpy.core.multiarray._reconstruct', () => new NumpyBytes()],
      ['numpy._core.multiarray._reconstruct', () => new NumpyBytes()],
      ['numpy.ndarray'],
      ['numpy.dtype', newDType],
      ['_codecs.encode', encode],
    ] as const
  ).map(([name, call]) => [name, new PickleGlobal(name, call)]),
);

const cifarWorld: PickleWorld = {
  find: (module, name) => ALLOWED.get(`${module}.${name}`),
  explain: () => 'which is nothing that CIFAR needs, and was not run',
  persistentLoad: (_, fail) => {
    throw fail('a persistent id, which CIFAR has none of');
  },
  longStrings: 'bytes',
  maxSteps: 2 ** 28, // `_codecs.encode` of all 50,000 images counts 154 million characters
};

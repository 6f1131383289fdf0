// The whole of what a PyTorch pickle may refer to, each with a stand-in of our own. Everything else ends the reading:
// an unrestricted pickle can name any function of Python, and torch.load would call it.
import { latin1Bytes } from '../pickle/latin1.ts';
import { type Fail, type GlobalCall, PickleGlobal, Tuple, typeName } from '../pickle/pickleValue.ts';
import type { PickleWorld } from '../pickle/unpickle.ts';
import type { StoredDType } from '../storedDType.ts';
import { NumpyArray, numpyDType, numpyScalar } from './numpyValue.ts';
import { rebuildTensor, SAVE_STATE_DICT, StorageType, storageOf, TorchDType, TorchTensor } from './torchTensor.ts';

/** What the pickles of PyTorch may refer to. */
export const torchWorld: PickleWorld = {
  find: (module, name) => ALLOWED.get(`${module}.${name}`),
  explain: (module, name) => {
    const kind = REFUSED.find(([pattern]) => pattern.test(`${module}.${name}`))?.[1];
    if (kind) return `a ${kind} tensor, which cannot be read`;
    return `which is not on the list of harmless types, and was not run. If a whole model was saved: ${SAVE_STATE_DICT}`;
  },
  persistentLoad: storageOf,
};

const REFUSED: readonly [name: RegExp, kind: string][] = [
  [/_rebuild_qtensor$|\.Q\w+Storage$/, 'quantized'],
  [/_rebuild_sparse|_rebuild_nested/, 'sparse'],
  [/\.Complex\w+Storage$/, 'complex'],
  [/_rebuild_meta_tensor/, 'meta (without values)'],
];

/** An OrderedDict's attributes are `_metadata`: versions of PyTorch's modules. */
class OrderedDict extends Map<unknown, unknown> {
  build(): void {}
}

/** argparse.Namespace: the command line of the program that saved the file. */
class Namespace extends Map<unknown, unknown> {
  build(state: unknown, fail: Fail): void {
    if (!(state instanceof Map)) throw fail(`the attributes of a Namespace are ${typeName(state)}, expected a dict`);
    for (const [key, value] of state) this.set(key, value);
  }
}

const STORAGES: Readonly<Record<string, StoredDType>> = {
  Float: 'float32',
  Double: 'float64',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
};

const DTYPES: readonly StoredDType[] = [
  ...Object.values(STORAGES),
  'uint16',
  'uint32',
  'uint64', // these three came with _rebuild_tensor_v3
];

const UNREADABLE_DTYPES = [
  ...['complex32', 'complex64', 'complex128', 'qint8', 'quint8', 'qint32', 'bits8', 'bits16'],
  ...['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz'],
];

const parameter: GlobalCall = ([tensor], fail) => {
  if (!(tensor instanceof TorchTensor)) throw fail(`is given ${typeName(tensor)}, expected a tensor`);
  return tensor;
};

const tensorV2: GlobalCall = (args, fail) => {
  const flags = args[6]; // bits that make the stored values stand for others
  if (flags instanceof Map && (flags.get('conj') || flags.get('neg'))) throw fail('a conjugated or negated view');
  return rebuildTensor(args, fail);
};

const tensorV3: GlobalCall = (args, fail) => {
  if (!(args[6] instanceof TorchDType)) throw fail(`is given ${typeName(args[6])}, expected a dtype`);
  return rebuildTensor(args, fail, args[6]);
};

/** (function, type, its arguments, attributes): a tensor that somebody set attributes on. */
const tensorOfType: GlobalCall = ([rebuild, , args], fail) => {
  if (!(rebuild instanceof PickleGlobal && rebuild.call && args instanceof Tuple)) throw fail('its arguments');
  if (rebuild.call === tensorOfType) throw fail('a call of itself'); // any number of which would overflow the stack
  return parameter([rebuild.call(args.items, fail)], fail);
};

const items: GlobalCall = ([given = []], fail) => {
  const values = given instanceof Tuple ? given.items : given instanceof Set ? [...given] : given;
  if (!Array.isArray(values)) throw fail(`is given ${typeName(given)}, expected a list`);
  return values;
};

const dict: GlobalCall = ([given], fail) => {
  if (given === undefined) return new OrderedDict();
  if (given instanceof Map) return new OrderedDict(given);
  const pairs = (items([given], fail) as unknown[]).map((pair) => (pair instanceof Tuple ? pair.items : pair));
  if (!pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) throw fail('items that are no pairs');
  return new OrderedDict(pairs as [unknown, unknown][]); // Python 2 made OrderedDicts of a list of pairs
};

/** Protocol 2 writes bytes as the text of their code points. */
const encode: GlobalCall = ([text, encoding = 'latin1'], fail) => {
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) throw fail('an encoding of text');
  const bytes = latin1Bytes(text);
  if (!bytes) throw fail('a text of more than latin1');
  return bytes;
};

const joined: GlobalCall = (parts, fail) => {
  if (!parts.every((part) => typeof part === 'string')) throw fail('parts that are no texts');
  return parts.join('/').replace(/^\/\//, '/');
};

const described: (name: string) => GlobalCall = (name) => (args, fail) => {
  if (!args.every((arg) => typeof arg === 'string' || typeof arg === 'number')) throw fail('its arguments');
  return name + args.join(':');
};

const BUILTINS: readonly [name: string, call?: GlobalCall][] = [
  ['set', (args, fail) => new Set(items(args, fail) as unknown[])],
  ['frozenset', (args, fail) => new Set(items(args, fail) as unknown[])],
  ['list', items],
  ['tuple', (args, fail) => new Tuple(items(args, fail) as unknown[])],
  ['dict', dict],
  ['bytes', ([given]) => (given instanceof Uint8Array ? given : new Uint8Array())],
  ['bytearray', (args, fail) => (args.length > 1 ? encode(args, fail) : (args[0] ?? new Uint8Array()))],
  ['int'], // named as a defaultdict's factory, or as data
  ['float'],
  ['str'],
  ['bool'],
  ['object'],
];

const CALLS: readonly [name: string, call?: GlobalCall][] = [
  ...BUILTINS.flatMap(([name, call]): [string, GlobalCall?][] => [
    [`builtins.${name}`, call],
    [`__builtin__.${name}`, call], // Python 2, and protocol 2 of Python 3
  ]),
  ['collections.OrderedDict', dict], // state dicts
  ['collections.defaultdict', ([, given], fail) => dict(given === undefined ? [] : [given], fail)], // optimizer states
  ['collections.Counter', dict], // milestones of MultiStepLR
  ['argparse.Namespace', () => new Namespace()],
  ['types.SimpleNamespace', () => new Namespace()],
  ['pathlib.PosixPath', joined], // in command lines
  ['pathlib.WindowsPath', joined],
  ['_codecs.encode', encode],
  ['torch._utils._rebuild_tensor', rebuildTensor], // before 0.4
  ['torch._utils._rebuild_tensor_v2', tensorV2],
  ['torch._utils._rebuild_tensor_v3', tensorV3],
  ['torch._utils._rebuild_parameter', parameter],
  ['torch._utils._rebuild_parameter_with_state', parameter],
  ['torch._tensor._rebuild_from_type_v2', tensorOfType],
  ['torch.nn.parameter.Parameter', parameter], // before 1.0
  ['torch.nn.parameter.Buffer', parameter],
  ['torch.autograd.variable.Variable', parameter],
  ['torch.Tensor'],
  ['torch.Size', items],
  ['torch.device', described('')],
  ['torch.serialization._get_layout', described('')],
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module): [string, GlobalCall][] => [
    [`${module}.scalar`, numpyScalar], // best accuracies
    [`${module}._reconstruct`, () => new NumpyArray()],
  ]),
  ['numpy.dtype', numpyDType],
  ['numpy.ndarray'],
];

const ALLOWED: ReadonlyMap<string, PickleGlobal> = new Map(
  [
    ...CALLS.map(([name, call]) => new PickleGlobal(name, call)),
    ...DTYPES.map((dtype) => new TorchDType(`torch.${dtype}`, dtype)),
    ...UNREADABLE_DTYPES.map((name) => new TorchDType(`torch.${name}`, undefined)),
    ...Object.entries(STORAGES).flatMap(([name, dtype]) => [
      new StorageType(`torch.${name}Storage`, dtype),
      new StorageType(`torch.cuda.${name}Storage`, dtype),
    ]),
    ...['torch.UntypedStorage', 'torch.storage.UntypedStorage', 'torch.storage._UntypedStorage'].map(
      (name) => new StorageType(name, undefined),
    ),
  ].map((global) => [global.name, global]),
);

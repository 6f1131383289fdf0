// Which of a checkpoint's tensors are the weights: the dict under `state_dict` or its like, or the whole file.
import type { FormatError } from '../../../kernels/errors.ts';
import { typeName } from '../pickle/pickleValue.ts';
import { TorchTensor } from './torchTensor.ts';

export interface SortedOut {
  /** The weights by dotted name, without the prefix. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  readonly wrapper: string;
  readonly prefix: string;
  /** What the file holds beside the weights, at its top. */
  readonly rest: ReadonlyMap<string, unknown>;
}

/** Keys under which training scripts save weights, the surest first. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'params', 'weights'];
/** DataParallel and DistributedDataParallel put it before every name. */
const PREFIX = 'module.';
const MAX_DEPTH = 32;
const MAX_VALUES = 1_000_000;
/** Of all names together: dicts can be shared, so a small pickle can unfold to any number of long names. */
const MAX_NAME_CHARACTERS = 2 ** 26;

/**
 * Splits a file's dict into weights and the rest. Dicts within the weights give dotted names; optimizer states are no
 * weights.
 * @throws FormatError made by `fail` when there are no tensors, or two of one name
 */
export function sortOut(root: unknown, fail: (message: string) => FormatError): SortedOut {
  if (root instanceof TorchTensor) throw fail('the file holds one tensor without a name; save a dict of tensors');
  if (!(root instanceof Map || Array.isArray(root))) throw fail(`the file holds ${typeName(root)}, expected a dict`);
  const top: ReadonlyMap<unknown, unknown> = root instanceof Map ? root : new Map(root.entries());
  const budget = { values: MAX_VALUES, characters: MAX_NAME_CHARACTERS };
  for (const wrapper of WRAPPERS) {
    const inner = top.get(wrapper);
    if (!(inner instanceof Map)) continue;
    const { tensors } = flattened(inner, fail, budget);
    if (!tensors.size) continue;
    const rest = [...top]
      .filter(([key]) => key !== wrapper)
      .map(([key, value]): [string, unknown] => [nameOf(key), value]);
    return { ...withoutPrefix(tensors), wrapper, rest: new Map(rest) };
  }
  const { tensors, rest } = flattened(top, fail, budget);
  if (!tensors.size) throw fail('the file holds no weights: no tensor was found outside optimizer states');
  return { ...withoutPrefix(tensors), wrapper: '', rest };
}

function flattened(
  top: ReadonlyMap<unknown, unknown>,
  fail: (message: string) => FormatError,
  budget: { values: number; characters: number },
): { tensors: Map<string, TorchTensor>; rest: Map<string, unknown> } {
  const tensors = new Map<string, TorchTensor>();
  const rest = new Map<string, unknown>();
  const visit = (value: unknown, name: string, depth: number): void => {
    budget.characters -= name.length;
    if (--budget.values < 0 || budget.characters < 0) {
      throw fail(`more than ${MAX_VALUES} values, or ${MAX_NAME_CHARACTERS} characters of names`);
    }
    if (value instanceof TorchTensor) {
      if (tensors.has(name)) throw fail(`two tensors are named '${name}'`);
      tensors.set(name, value);
      return;
    }
    const isContainer = (value instanceof Map && !value.has('param_groups')) || Array.isArray(value);
    if (!isContainer) return;
    if (depth === MAX_DEPTH) throw fail(`'${name.slice(0, 100)}' is nested more than ${MAX_DEPTH} deep`);
    for (const [key, inner] of value.entries()) visit(inner, `${name}.${nameOf(key)}`, depth + 1);
  };
  for (const [key, value] of top) {
    const before = tensors.size;
    visit(value, nameOf(key), 0);
    if (tensors.size === before) rest.set(nameOf(key), value);
  }
  return { tensors, rest };
}

function withoutPrefix(tensors: Map<string, TorchTensor>): Pick<SortedOut, 'tensors' | 'prefix'> {
  const isPrefixed = [...tensors.keys()].every((name) => name.startsWith(PREFIX));
  if (!isPrefixed) return { tensors, prefix: '' };
  return {
    tensors: new Map([...tensors].map(([name, tensor]) => [name.slice(PREFIX.length), tensor])),
    prefix: PREFIX,
  };
}

function nameOf(key: unknown): string {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint' ? String(key) : typeName(key);
}

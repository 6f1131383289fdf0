// What pickles become here. int: number, or bigint beyond 2^53; float: number; str: string; bytes: Uint8Array; None:
// null; list: array; dict: Map; set: Set; tuple and allowed globals: the classes below. No object of a pickle's choosing.

export class Tuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** Makes the error of a call whose arguments are not what they should be. */
export type Fail = (message: string) => Error;
export type GlobalCall = (args: readonly unknown[], fail: Fail) => unknown;

/** A class or function of Python that pickles may name: a stand-in with a meaning of our own. */
export class PickleGlobal {
  /** `collections.OrderedDict`. */
  readonly name: string;
  /** What takes the place of calling it; undefined for those that are only mentioned. */
  readonly call: GlobalCall | undefined;

  constructor(name: string, call?: GlobalCall) {
    this.name = name;
    this.call = call;
  }
}

/** A value that takes the state of a BUILD instruction. */
export interface Buildable {
  build(state: unknown, fail: Fail): void;
}

export function isBuildable(value: unknown): value is Buildable {
  return typeof value === 'object' && value !== null && 'build' in value;
}

/** `tuple`, `dict` … as Python calls it, for errors. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Map) return 'dict';
  if (value instanceof Set) return 'set';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof PickleGlobal) return value.name;
  const names: Record<string, string> = { string: 'str', bigint: 'int', boolean: 'bool' };
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return names[typeof value] ?? (value as object).constructor.name;
}

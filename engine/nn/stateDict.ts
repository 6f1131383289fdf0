// State dicts of modules: reading all values to the host, and a strict way back.
import { type Shape, sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import type { HostTensor, StateDict } from '../hostTensor.ts';
import type { AnyModule } from './module.ts';
import { Counter, type OwnedTensor } from './parameter.ts';

export interface LoadOptions {
  /** Whether missing and unexpected keys are errors. Default true. */
  strict?: boolean;
  /** Dotted names of layers or tensors that keep their values, whatever the dict has for them. Default: none. */
  skip?: readonly string[];
}

export interface LoadReport {
  /** Keys of the module that the dict lacks. */
  missing: string[];
  /** Keys of the dict that the module has no place for. */
  unexpected: string[];
}

/** See `Module.stateDict`. */
export async function stateDict(module: AnyModule): Promise<StateDict> {
  const entries = module.state().map(async ([name, value]): Promise<[string, HostTensor]> => {
    if (value instanceof Counter) {
      return [name, { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value.value)) }];
    }
    return [name, { dtype: 'float32', shape: value.shape, data: (await value.data()) as Float32Array }];
  });
  return new Map(await Promise.all(entries));
}

/** See `Module.loadStateDict`. Everything is checked before anything is written. */
export function loadStateDict(module: AnyModule, values: StateDict, options: LoadOptions = {}): LoadReport {
  const { report, pairs } = checkFit(module, values, { ...options, where: 'loadStateDict' });
  for (const [own, given] of pairs) {
    const isKept = !(own instanceof Counter || own.isPlaced);
    takeOver(own, isKept ? given?.data.slice() : given?.data); // the caller may go on changing its arrays
  }
  return report;
}

/** What is known of a tensor before its values are read. */
interface Described {
  readonly shape: Shape;
  readonly data?: ArrayLike<unknown>;
}

/**
 * Pairs a module's tensors with those given under the same names; undefined stands for those that may be missing.
 * @param options.where begins the error
 * @throws ShapeError naming every missing, unexpected and misshapen key
 */
export function checkFit<Given extends Described>(
  module: AnyModule,
  values: ReadonlyMap<string, Given>,
  { strict = true, skip = [], where }: LoadOptions & { where: string },
): { report: LoadReport; pairs: [own: OwnedTensor | Counter, given: Given | undefined][] } {
  const state = module.state();
  checkSkipped(skip, [...state.map(([name]) => name), ...values.keys()], where);
  const isSkipped = (name: string) => skip.some((layer) => isBelow(name, layer));
  const wanted = new Map(state.filter(([name]) => !isSkipped(name)));
  const report: LoadReport = {
    // a counter may be missing: PyTorch before 0.4.1 wrote none
    missing: [...wanted].filter(([name, own]) => !values.has(name) && !(own instanceof Counter)).map(([name]) => name),
    unexpected: [...values.keys()].filter((name) => !wanted.has(name) && !isSkipped(name)),
  };
  const misshapen = [...wanted].flatMap(([name, own]) => {
    const given = values.get(name);
    const shape: Shape = own instanceof Counter ? [] : own.shape;
    const length = given?.data?.length ?? sizeOf(given?.shape ?? []);
    if (!given || (show(given.shape) === show(shape) && length === sizeOf(shape))) return [];
    const count = length === sizeOf(given.shape) ? '' : `${length} values for `;
    return [`${name}: given ${count}${show(given.shape)}, wanted ${show(shape)}`];
  });
  if (misshapen.length || (strict && (report.missing.length || report.unexpected.length))) {
    throw new ShapeError(
      [
        `${where}: these values do not fit ${module.constructor.name}`,
        ...listed('missing', strict ? report.missing : []),
        ...listed('unexpected', strict ? report.unexpected : []),
        ...listed('misshapen', misshapen),
      ].join('\n'),
    );
  }
  return { report, pairs: [...wanted].map(([name, own]) => [own, values.get(name)]) };
}

/**
 * Writes values to a tensor; one without memory keeps them, in the same array, as its first values.
 * @param data undefined for a counter that was not given: 0
 */
export function takeOver(own: OwnedTensor | Counter, data: HostTensor['data'] | undefined): void {
  if (own instanceof Counter) {
    own.value = Number(data?.[0] ?? 0);
    return;
  }
  if (!data) return;
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  if (own.isPlaced) own.write(values);
  else own.initialiser = { kind: 'values', values };
}

/** A skipped layer that nothing belongs to is a misspelled one. */
function checkSkipped(skip: readonly string[], names: readonly string[], where: string): void {
  const unknown = skip.filter((layer) => !names.some((name) => isBelow(name, layer)));
  if (unknown.length) throw new ShapeError(`${where}: skip: nothing is named ${unknown.join(', ')}`);
}

function isBelow(name: string, layer: string): boolean {
  return name === layer || name.startsWith(`${layer}.`);
}

/** Another model's file has hundreds of them, and hides what follows. */
const MAX_LISTED = 20;

function listed(what: string, keys: readonly string[]): string[] {
  const rest = keys.length > MAX_LISTED ? ` and ${keys.length - MAX_LISTED} more` : '';
  return keys.length ? [`  ${what}: ${keys.slice(0, MAX_LISTED).join(', ')}${rest}`] : [];
}

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
export function loadStateDict(module: AnyModule, values: StateDict, { strict = true }: LoadOptions = {}): LoadReport {
  const wanted = new Map(module.state());
  const report: LoadReport = {
    // a counter may be missing: PyTorch before 0.4.1 wrote none
    missing: [...wanted].filter(([name, own]) => !values.has(name) && !(own instanceof Counter)).map(([name]) => name),
    unexpected: [...values.keys()].filter((name) => !wanted.has(name)),
  };
  const misshapen = [...wanted].flatMap(([name, own]) => {
    const given = values.get(name);
    const shape: Shape = own instanceof Counter ? [] : own.shape;
    if (!given || (show(given.shape) === show(shape) && given.data.length === sizeOf(shape))) return [];
    const count = given.data.length === sizeOf(given.shape) ? '' : `${given.data.length} values for `;
    return [`${name}: given ${count}${show(given.shape)}, wanted ${show(shape)}`];
  });
  if (misshapen.length || (strict && (report.missing.length || report.unexpected.length))) {
    throw new ShapeError(
      [
        `loadStateDict: these values do not fit ${module.constructor.name}`,
        ...listed('missing', strict ? report.missing : []),
        ...listed('unexpected', strict ? report.unexpected : []),
        ...listed('misshapen', misshapen),
      ].join('\n'),
    );
  }
  for (const [name, own] of wanted) {
    const given = values.get(name);
    if (own instanceof Counter) own.value = Number(given?.data[0] ?? 0);
    else if (given) assign(own, given);
  }
  return report;
}

function assign(own: OwnedTensor, { data }: HostTensor): void {
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  if (own.isPlaced) own.write(values);
  else own.initialiser = { kind: 'values', values: values.slice() };
}

function listed(what: string, keys: readonly string[]): string[] {
  return keys.length ? [`  ${what}: ${keys.join(', ')}`] : [];
}

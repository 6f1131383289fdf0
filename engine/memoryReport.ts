// Who holds a device's memory, and what an OutOfMemoryError says.
import { bytesOf } from '../kernels/definition.ts';
import { type MemoryRequest, type MemoryShare, type MemoryUse, OutOfMemoryError } from '../kernels/errors.ts';
import { show } from '../kernels/rank.ts';
import type { Allocation } from './liveMemory.ts';
import type { AnyModule } from './nn/module.ts';

/** What the buffers of captured steps are called. */
export const CAPTURED = 'captured step';

const PARAMETERS = 'parameters and buffers';

/** Lines of a message's tables are cut after so many names. */
const MOST_NAMED = 5;

const ADVICE =
  'What helps: a smaller batch (`accumulate` of train keeps the updates of a large one); checkpoint(module), which computes activations again in the backward pass; device.autocast, which stores them in float16; a scope around each step.';

interface Sources {
  readonly live: Iterable<Allocation>;
  readonly idleBytes: number;
  /** Those that name layers. */
  readonly models: readonly AnyModule[];
}

/** Every allocation once; parameters and buffers by the layers they belong to, everything else by the one that ran. */
export function memoryUse({ live, idleBytes, models }: Sources): MemoryUse {
  const roots = outermost(models);
  const layers = layerNames(roots);
  const held = heldBy(roots);
  const tables = { byModule: new Table(), byLayer: new Table(), byOperation: new Table() };
  const add = (layer: Layer | undefined, operation: string, bytes: number) => {
    tables.byModule.add(layer ? layer.child : null, layer?.childType, bytes);
    tables.byLayer.add(layer ? layer.name : null, layer?.type, bytes);
    tables.byOperation.add(operation, undefined, bytes);
  };
  let [bytes, capturedBytes] = [0, 0];
  for (const allocation of live) {
    bytes += allocation.bytes;
    const { what } = allocation.request;
    if (what === CAPTURED) capturedBytes += allocation.bytes;
    let rest = allocation.bytes;
    const parts = held.get(allocation) ?? [];
    for (const part of parts) {
      add(layers.get(part.module), PARAMETERS, part.bytes);
      rest -= part.bytes;
    }
    const layer = allocation.layer ? layers.get(allocation.layer) : undefined;
    if (rest > 0) add(layer, parts.length ? PARAMETERS : what, rest); // what size classes and alignment add
  }
  const { byModule, byLayer, byOperation } = tables;
  return {
    ...{ bytes, idleBytes, capturedBytes },
    ...{ byModule: byModule.rows(), byLayer: byLayer.rows(), byOperation: byOperation.rows() },
  };
}

/** @param reason why there is none; of a driver's, the first line */
export function outOfMemory(requested: MemoryRequest, reason: string, live: MemoryUse): OutOfMemoryError {
  const { what, shape, dtype, bytes } = requested;
  const tensor = shape ? `, ${dtype ?? 'a tensor of shape'} ${show(shape)}` : '';
  const inUse = `In use: ${text(live.bytes)}${live.capturedBytes ? `, ${text(live.capturedBytes)} of it in captured steps` : ''}; free for reuse: ${text(live.idleBytes)}.`;
  const tables = [
    ['by module', live.byModule],
    ['by layer', live.byLayer],
    ['by operation', live.byOperation],
  ] as const;
  const lines = tables
    .filter(([, rows]) => rows.some(({ name }) => name !== null))
    .map(([title, rows]) => `  ${title}: ${listed(rows)}`);
  return new OutOfMemoryError(
    [`${what}: no room for ${text(bytes)}${tensor}: ${reason.split('\n')[0]}. ${inUse}`, ...lines, ADVICE].join('\n'),
    {
      requested,
      live,
    },
  );
}

/** `1.5 GB`: decimal units, as memory is sold. */
export function text(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function listed(rows: readonly MemoryShare[]): string {
  const named = rows.slice(0, MOST_NAMED).map(({ name, type, bytes }) => {
    const where = name === null ? 'outside of modules' : name || 'the model itself';
    return `${where}${type ? ` (${type})` : ''} ${text(bytes)}`;
  });
  const more = rows.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

class Table {
  readonly #rows = new Map<string | null, { name: string | null; type?: string; bytes: number; count: number }>();

  add(name: string | null, type: string | undefined, bytes: number): void {
    let row = this.#rows.get(name);
    if (!row) {
      row = { name, ...(type !== undefined && { type }), bytes: 0, count: 0 };
      this.#rows.set(name, row);
    }
    row.bytes += bytes;
    row.count++;
  }

  rows(): MemoryShare[] {
    return [...this.#rows.values()].sort((a, b) => b.bytes - a.bytes);
  }
}

interface Layer {
  readonly name: string;
  readonly type: string;
  /** Direct child of the model that it is or lies in; '' for the model. */
  readonly child: string;
  readonly childType: string;
}

/** Those that are no part of another. */
function outermost(models: readonly AnyModule[]): AnyModule[] {
  const parts = new Set(models.flatMap((model) => model.modules().slice(1)));
  return models.filter((model) => !parts.has(model));
}

/** Names of all modules; where there are several models, behind the class of theirs. */
function layerNames(models: readonly AnyModule[]): Map<object, Layer> {
  const layers = new Map<object, Layer>();
  for (const model of models) {
    const prefix = models.length > 1 ? model.constructor.name : '';
    const under = (name: string) => [prefix, name].filter(Boolean).join('.');
    const modules = model.namedModules();
    const types = new Map(modules.map(([name, module]) => [name, module.constructor.name]));
    for (const [name, module] of modules) {
      const [child] = name.split('.');
      const childType = types.get(child) ?? model.constructor.name;
      layers.set(module, { name: under(name), type: module.constructor.name, child: under(child), childType });
    }
  }
  return layers;
}

/** The parameters and buffers that lie in each allocation. */
function heldBy(models: readonly AnyModule[]): Map<Allocation, { module: AnyModule; bytes: number }[]> {
  const held = new Map<Allocation, { module: AnyModule; bytes: number }[]>();
  for (const model of models) {
    const modules = new Map(model.namedModules());
    for (const [name, tensor] of [...model.namedParameters(), ...model.namedBuffers()]) {
      if (!tensor.isPlaced) continue;
      const module = modules.get(name.slice(0, Math.max(0, name.lastIndexOf('.')))) ?? model;
      const { allocation } = tensor.storage;
      const parts = held.get(allocation) ?? [];
      parts.push({ module, bytes: bytesOf(tensor) });
      held.set(allocation, parts);
    }
  }
  return held;
}

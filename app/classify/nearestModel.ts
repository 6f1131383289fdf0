// Which architecture a checkpoint comes nearest to that fits none, and what differs.
import { Counter } from '../../engine/nn/parameter.ts';
import { show } from '../../kernels/rank.ts';
import type { ModelEntry, WeightsEntry } from '../../models/entry.ts';
import { optionsFor } from '../../models/fittingModels.ts';
import { modelEntries } from '../../models/index.ts';
import { type Shapes, shapesOf } from '../../models/weightShapes.ts';

/** Differences named in the message. */
const MAX_NAMED = 3;
const MAX_NAME = 60;

interface Comparison {
  readonly name: string;
  /** Tensors of equal name and shape, as a share of all that either has. */
  readonly share: number;
  readonly equal: number;
  readonly wanted: number;
  readonly differences: readonly string[];
}

/**
 * `the nearest is resnet18 (120 of its 122 tensors): lacks fc.bias; head.weight [10, 512] has no place in it`. Where
 * nothing agrees, it says so.
 * @param tensors of the file, by name
 */
export function nearestModel(tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>): string {
  const compared = modelEntries().flatMap((entry) =>
    [undefined, ...entry.weights.filter(({ rename }) => rename)].map((weights) => compare(entry, tensors, weights)),
  );
  const [nearest] = compared.sort((a, b) => b.share - a.share);
  if (!nearest.equal) {
    const names = [...tensors.keys()];
    const listed = names.slice(0, MAX_NAMED).map(short).join(', ');
    return `no tensor of it is of any model; it holds ${listed}${names.length > MAX_NAMED ? ', …' : ''}`;
  }
  const { name, equal, wanted, differences } = nearest;
  const rest = differences.length - MAX_NAMED;
  const named = differences.slice(0, MAX_NAMED).join('; ');
  return `the nearest is ${name} (${equal} of its ${wanted} tensors agree): ${named}${rest > 0 ? `; and ${rest} more` : ''}`;
}

function compare(
  entry: ModelEntry,
  tensors: Parameters<typeof nearestModel>[0],
  weights: WeightsEntry | undefined,
): Comparison {
  const shapes = shapesOf(tensors, weights);
  const model = entry.create(optionsFor(entry, shapes, weights) ?? {});
  const state = model.state().filter(([, own]) => !(own instanceof Counter));
  const wanted = new Map(state.map(([name, own]) => [name, own instanceof Counter ? [] : own.shape]));
  const given: Shapes = new Map([...shapes].filter(([name]) => !name.endsWith('num_batches_tracked')));
  const isEqual = (name: string) => given.has(name) && show(given.get(name)!) === show(wanted.get(name)!);
  const equal = [...wanted.keys()].filter(isEqual).length;
  const differences = [
    ...[...wanted].flatMap(([name, shape]) => {
      if (isEqual(name)) return [];
      const found = given.get(name);
      return found ? [`${name} is ${show(found)} and should be ${show(shape)}`] : [`lacks ${name} ${show(shape)}`];
    }),
    ...[...given].flatMap(([name, shape]) =>
      wanted.has(name) ? [] : [`${short(name)} ${show(shape)} has no place in it`],
    ),
  ];
  const either = wanted.size + [...given.keys()].filter((name) => !wanted.has(name)).length;
  return { name: entry.name, share: equal / either, equal, wanted: wanted.size, differences };
}

function short(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

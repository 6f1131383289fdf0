// Which models of the registry a checkpoint's tensors fit, by names and shapes alone.
import type { AnyModule } from '../engine/nn/module.ts';
import { Counter } from '../engine/nn/parameter.ts';
import type { ModelEntry, ModelOptions, WeightsEntry } from './entry.ts';
import { modelEntries } from './registry.ts';
import { firstWeight, headWeight, type Shapes, shapesOf } from './weightShapes.ts';

export interface FittingModel {
  readonly name: string;
  /** Rows of the head in the file. */
  readonly numClasses: number;
  /** The file lacks tensors of the model. */
  readonly isPartial: boolean;
  /** Learned values of the model. */
  readonly parameters: number;
}

/** @param tensors by name */
export function fittingModels(tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>): FittingModel[] {
  return modelEntries().flatMap((entry) => {
    const names: (WeightsEntry | undefined)[] = [undefined, ...entry.weights.filter(({ rename }) => rename)];
    return names.flatMap((weights) => fit(entry, shapesOf(tensors, weights), weights) ?? []).slice(0, 1);
  });
}

/**
 * How a model must be built to take a file's tensors: the classes of the head in the file, the channels of its first
 * layer, auxiliary heads where it has them. Undefined where the file has no head of this model, unless it is a part.
 * @param shapes under the model's names
 */
export function optionsFor(entry: ModelEntry, shapes: Shapes, weights?: WeightsEntry): ModelOptions | undefined {
  const head = shapes.get(headWeight(entry));
  if (!shapes.size || (!head && !weights?.isPartial)) return undefined;
  const numClasses = head?.[0] ?? entry.numClasses;
  const inChannels = shapes.get(firstWeight(entry))?.[1] ?? entry.inputShape[0];
  if (numClasses < 1 || inChannels < 1) return undefined;
  const auxiliary = shapes.has('aux1.fc2.weight') && { auxLogits: true };
  return { ...weights?.options, numClasses, inChannels, ...auxiliary };
}

function fit(entry: ModelEntry, shapes: Shapes, weights: WeightsEntry | undefined): FittingModel | undefined {
  const isPartial = weights?.isPartial ?? false;
  const options = optionsFor(entry, shapes, weights);
  if (!options) return undefined;
  const model = entry.create(options);
  if (!fits(model, shapes, isPartial)) return undefined;
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  return { name: entry.name, numClasses: options.numClasses!, isPartial, parameters };
}

/** A counter may be missing: PyTorch before 0.4.1 wrote none. */
function fits(model: AnyModule, shapes: Shapes, isPartial: boolean): boolean {
  const wanted = new Map(model.state().map(([name, own]) => [name, own instanceof Counter ? [] : own.shape]));
  const counters = new Set(model.state().flatMap(([name, own]) => (own instanceof Counter ? [name] : [])));
  const isWhole = [...wanted.keys()].every((name) => shapes.has(name) || counters.has(name));
  return (
    (isWhole || isPartial) &&
    [...shapes].every(([name, shape]) => wanted.has(name) && wanted.get(name)!.join() === shape.join())
  );
}

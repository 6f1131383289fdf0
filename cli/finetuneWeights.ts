// A model with the values of a file, but for its head, which fine-tuning replaces: files without a classifier, or with
// one of other classes, will do.
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { openCheckpoint } from '../engine/node/checkpoint.ts';
import { loadWeights } from '../engine/serialization/index.ts';
import { ShapeError } from '../kernels/errors.ts';
import type { ModelEntry, ModelOptions, WeightsEntry } from '../models/entry.ts';
import { firstWeight, type Shapes, shapesOf } from '../models/weightShapes.ts';
import { datasetFacts } from './datasetFacts.ts';
import { findWeights } from './findWeights.ts';
import { ownerHint, type WeightsOrigin, weightsOrigin } from './weightsOrigin.ts';

export interface PretrainedTrunk {
  /** On no device yet; its head has whatever classes. */
  model: AnyModule;
  /** The file; null for random values. */
  path: string | null;
  /** What its images are like; undefined when nothing is known. */
  preprocessing: Preprocessing | undefined;
  /** How the model was built. */
  options: ModelOptions;
}

/**
 * @param given a path, `none` for random values, undefined for the published file
 * @param channels of the images, for random values
 * @throws UsageError when there is no file, ShapeError for another model's, FormatError for a damaged one
 */
export async function pretrainedTrunk(
  entry: ModelEntry,
  given: string | undefined,
  channels: number,
): Promise<PretrainedTrunk> {
  if (given === 'none') {
    const options = channels === entry.inputShape[0] ? {} : { inChannels: channels };
    return { model: entry.create(options), path: null, preprocessing: undefined, options };
  }
  const path = await findWeights(entry, given);
  const origin = await weightsOrigin(entry, path);
  const file = await openCheckpoint(path);
  try {
    const { weights, shapes } = interpret(entry, shapesBy(file.tensors, entry, origin));
    const inChannels = shapes.get(firstWeight(entry))?.[1] ?? entry.inputShape[0];
    const { auxLogits: _, ...published } = weights?.options ?? ownOptions(origin);
    const options = { ...published, ...(inChannels !== entry.inputShape[0] && { inChannels }) };
    const model = entry.create(options);
    // GoogLeNet's auxiliary heads know the old classes too
    const isDropped = (name: string) => [entry.head, 'aux1', 'aux2'].some((layer) => name.startsWith(`${layer}.`));
    const { missing, unexpected } = await loadWeights(model, file, {
      rename: (name) => {
        const own = weights?.rename ? weights.rename(name) : name;
        return own === undefined || isDropped(own) ? undefined : own;
      },
      strict: false,
    });
    const lacking = missing.filter((name) => !isDropped(name));
    if (lacking.length || unexpected.length) {
      const listed = (names: string[]) => `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`;
      const what = [
        ...(lacking.length ? [`lacks ${listed(lacking)}`] : []),
        ...(unexpected.length ? [`has ${listed(unexpected)}, which ${entry.name} has not`] : []),
      ];
      throw new ShapeError(`${path}: ${what.join(' and ')}${await ownerHint(path)}`);
    }
    return { model, path, options, preprocessing: preprocessingOf(origin, weights) };
  } finally {
    await file.close();
  }
}

interface Interpretation {
  weights: WeightsEntry | undefined;
  shapes: Shapes;
}

/** The file's tensors as each set of published names would have them. */
function shapesBy(
  tensors: Parameters<typeof shapesOf>[0],
  { weights }: ModelEntry,
  origin: WeightsOrigin,
): Interpretation[] {
  const candidates = {
    published: () => (origin.kind === 'published' ? [origin.weights] : []),
    run: () => [undefined],
    finetuned: () => [undefined],
    unknown: () => [...weights, undefined],
  }[origin.kind]();
  return candidates.map((each) => ({ weights: each, shapes: shapesOf(tensors, each) }));
}

/** The one under whose names most tensors are the model's. */
function interpret(entry: ModelEntry, candidates: readonly Interpretation[]): Interpretation {
  const own = new Set(
    entry
      .create()
      .state()
      .map(([name]) => name),
  );
  const known = ({ shapes }: Interpretation) => [...shapes.keys()].filter((name) => own.has(name)).length;
  return candidates.reduce((best, each) => (known(each) > known(best) ? each : best));
}

function ownOptions(origin: WeightsOrigin): ModelOptions {
  return origin.kind === 'finetuned' ? origin.config.options : {};
}

function preprocessingOf(origin: WeightsOrigin, weights: WeightsEntry | undefined): Preprocessing | undefined {
  if (origin.kind === 'finetuned') return origin.config.preprocessing;
  if (origin.kind !== 'run') return weights?.preprocessing;
  const { mean, std } = datasetFacts(origin.config.dataset);
  return { mean, std };
}

// A checkpoint as a browser is given it to a model that classifies: which architecture, how many classes, whose weights.
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { loadWeights } from '../../engine/serialization/loadWeights.ts';
import { openCheckpoint } from '../../engine/serialization/openCheckpoint.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { ModelEntry, WeightsEntry } from '../../models/entry.ts';
import { fittingModels, optionsFor } from '../../models/fittingModels.ts';
import { GoogLeNet, modelEntry } from '../../models/index.ts';
import { shapesOf } from '../../models/weightShapes.ts';
import { nearestModel } from './nearestModel.ts';

export interface Classifier {
  readonly entry: ModelEntry;
  /** On the device, in inference mode. Its owner disposes it. */
  readonly model: AnyModule;
  /** The published weights that the file is or, where `isPublished` is false, is taken to be like. */
  readonly weights: WeightsEntry | undefined;
  readonly isPublished: boolean;
  readonly numClasses: number;
  readonly inChannels: number;
}

/** Larger files are not hashed, since a hash here needs all bytes at once; their name may still say what they are. */
const MAX_HASHED_BYTES = 2 ** 29;

/**
 * Finds the architecture by names and shapes alone, and loads strictly.
 * @throws FormatError for a damaged file, or one that fits no architecture: names the nearest and what differs
 */
export async function loadClassifier(file: File, device: Device): Promise<Classifier> {
  const checkpoint = await openCheckpoint(file);
  const { tensors } = checkpoint;
  const fitting = fittingModels(tensors);
  const whole = fitting.find(({ isPartial }) => !isPartial);
  if (!whole) {
    const [part] = fitting;
    if (part) throw new FormatError(`${file.name}: holds a part of ${part.name} only, without its classifier`);
    throw new FormatError(`${file.name}: fits no architecture here; ${nearestModel(tensors)}`);
  }
  const entry = modelEntry(whole.name);
  const published = await publishedWeights(entry, file);
  const candidates = published ? [published] : [...entry.weights.filter(({ isPartial }) => !isPartial), undefined];
  const interpretations = candidates.map((weights) => {
    const options = optionsFor(entry, shapesOf(tensors, weights), weights);
    return options && { weights, options };
  });
  const { weights, options } = interpretations.find((each) => each !== undefined)!;
  const model = entry.create(options).to(device);
  try {
    await loadWeights(model, checkpoint, weights?.rename && { rename: weights.rename });
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    await checkpoint.close();
  }
  if (model instanceof GoogLeNet) model.dropAuxiliary();
  return {
    entry,
    model: model.eval(),
    weights,
    isPublished: published !== undefined,
    numClasses: options.numClasses!,
    inChannels: options.inChannels!,
  };
}

/** Known by its name or its SHA-256. */
async function publishedWeights({ weights }: ModelEntry, file: File): Promise<WeightsEntry | undefined> {
  const whole = weights.filter(({ isPartial }) => !isPartial);
  const named = whole.find((each) => each.file === file.name);
  if (named || !whole.length || file.size > MAX_HASHED_BYTES) return named;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  const digest = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return whole.find(({ sha256 }) => digest.startsWith(sha256));
}

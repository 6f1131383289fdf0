// A model of the registry with the weights of a file, built as the file wants it, ready for inference.
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { openCheckpoint } from '../engine/node/checkpoint.ts';
import { type CheckpointFile, loadWeights } from '../engine/serialization/index.ts';
import { FormatError, ShapeError } from '../kernels/errors.ts';
import type { ModelEntry, WeightsEntry } from '../models/entry.ts';
import { GoogLeNet } from '../models/googlenet.ts';
import { firstWeight, headWeight, type Shapes, shapesOf } from '../models/weightShapes.ts';
import { UsageError } from './usageError.ts';
import { ownerHint, type WeightsOrigin, weightsOrigin } from './weightsOrigin.ts';

export interface LoadedModel {
  readonly entry: ModelEntry;
  /** On the device, in inference mode; its output is a tensor of logits. The caller's to dispose. */
  readonly model: AnyModule;
  /** The file. */
  readonly path: string;
  readonly origin: WeightsOrigin;
  /** The published weights that the file is, or, when its origin is unknown, is taken to be like. */
  readonly weights: WeightsEntry | undefined;
  readonly numClasses: number;
  readonly inChannels: number;
}

/**
 * Loads strictly. The number of classes is that of the head in the file, the number of channels that of the file's
 * first layer. GoogLeNet's auxiliary heads are dropped.
 * @throws UsageError for a file without a classifier, FormatError for a damaged file, ShapeError for another model's
 */
export async function loadModel(entry: ModelEntry, path: string, device: Device): Promise<LoadedModel> {
  const origin = await weightsOrigin(entry, path);
  const known = origin.kind === 'published' ? origin.weights : undefined;
  if (known?.isPartial) {
    throw new UsageError(`${path}: holds a part of ${entry.name} only, without its classifier, so it cannot classify`);
  }
  const file = await openCheckpoint(path);
  try {
    const { weights, shapes } = await interpret(entry, file, origin);
    const numClasses = shapes.get(headWeight(entry))![0];
    const inChannels = shapes.get(firstWeight(entry))?.[1] ?? entry.inputShape[0];
    const auxiliary = entry.family === 'GoogLeNet' && { auxLogits: shapes.has('aux1.fc2.weight') };
    const options = origin.kind === 'finetuned' ? origin.config.options : weights?.options;
    const model = entry.create({ ...options, numClasses, inChannels, ...auxiliary }).to(device);
    try {
      await loadWeights(model, file, weights?.rename && { rename: weights.rename });
    } catch (error) {
      model.dispose();
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`${error.message}${await ownerHint(path)}`, { cause: error });
    }
    if (model instanceof GoogLeNet) model.dropAuxiliary();
    return { entry, model: model.eval(), path, origin, weights, numClasses, inChannels };
  } finally {
    await file.close();
  }
}

interface Interpretation {
  /** Whose names and options are those of the file; undefined for the model's own. */
  weights: WeightsEntry | undefined;
  /** By the model's names. */
  shapes: Shapes;
}

/** The published weights whose names fit the file, the first that give it a head. */
async function interpret(entry: ModelEntry, file: CheckpointFile, origin: WeightsOrigin): Promise<Interpretation> {
  const candidates = {
    published: origin.kind === 'published' ? [origin.weights] : [],
    run: [undefined],
    finetuned: [undefined],
    unknown: [...entry.weights.filter(({ isPartial }) => !isPartial), undefined],
  }[origin.kind];
  const head = headWeight(entry);
  for (const weights of candidates) {
    const shapes = shapesOf(file.tensors, weights);
    if (shapes.has(head)) return { weights, shapes };
  }
  const names = [...file.tensors.keys()];
  const listed = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`;
  throw new FormatError(
    `${file.name}: holds no ${head}, the head of ${entry.name}; ` +
      `its ${names.length} tensors are ${listed || 'none'}${await ownerHint(file.name)}`,
  );
}

// How images are prepared for a model: as its weights want it, as its run had it, or as the command line says.
import { type Command, InvalidArgumentError } from 'commander';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { Dataset } from '../datasets/index.ts';
import { integer } from './arguments.ts';
import { datasetFacts } from './datasetFacts.ts';
import type { LoadedModel } from './loadModel.ts';
import { UsageError } from './usageError.ts';

export interface PreprocessingFlags {
  resize?: number;
  crop?: number;
  mean?: number[];
  std?: number[];
}

export interface ChosenPreprocessing {
  preprocessing: Preprocessing;
  /** Whose it is, and what it does: `resize 256, crop 224, mean …, std … (of alexnet-owt-7be5be79.pth)`. */
  description: string;
}

export function addPreprocessingOptions(command: Command): Command {
  return command
    .option('--resize <n>', "pixels of an image's shorter side (default: as the weights want it)", integer(1))
    .option('--crop <n>', 'pixels of the square cut out of the middle', integer(1))
    .option('--mean <a,b,c>', 'subtracted from each channel, in units of 255 levels', numbers)
    .option('--std <a,b,c>', 'what each channel is divided by', numbers);
}

/**
 * @param dataset what the model is tested on; undefined for pictures
 * @throws UsageError when nothing is known, or channels do not agree
 */
export function choosePreprocessing(
  loaded: LoadedModel,
  { resize, crop, mean, std }: PreprocessingFlags,
  dataset?: Dataset,
): ChosenPreprocessing {
  const { entry, inChannels } = loaded;
  const { preprocessing: base, whose } = knownPreprocessing(loaded, dataset);
  const given = { ...(resize && { resize }), ...(crop && { crop }), ...(mean && { mean }), ...(std && { std }) };
  const { mean: means, std: stds, ...sizes } = { ...base, ...given };
  if (!means || !stds) {
    throw new UsageError(`how were the images for ${loaded.path} normalised? Give --mean and --std`);
  }
  if (means.length !== inChannels || stds.length !== inChannels) {
    throw new UsageError(
      `${entry.name} reads images of ${inChannels} channels here, but mean has ${means.length} entries and std ` +
        `${stds.length}: give --mean and --std`,
    );
  }
  const preprocessing = { ...sizes, mean: means, std: stds };
  const flags = Object.keys(given).map((name) => `--${name}`);
  const source = [...(base.mean || base.resize || base.crop ? [whose] : []), ...flags].join(', ');
  return { preprocessing, description: `${describe(preprocessing)} (${source})` };
}

/** Pictures have any shape, a batch has one: where the weights ask for no crop, the middle square is cut out. */
export function withCrop(
  preprocessing: Preprocessing,
  [, height, width]: readonly [number, number, number],
): Preprocessing {
  const { resize = Math.max(height, width), crop = resize } = preprocessing;
  return { ...preprocessing, resize, crop };
}

function knownPreprocessing(
  { entry, origin, weights }: LoadedModel,
  dataset: Dataset | undefined,
): { preprocessing: Partial<Preprocessing>; whose: string } {
  if (origin.kind === 'run') {
    const { mean, std, size } = datasetFacts(origin.config.dataset);
    const isSized = dataset?.shape[1] === size && dataset.shape[2] === size;
    const whose = `as in its training on ${origin.config.dataset}`;
    return { preprocessing: { ...(!isSized && { resize: size, crop: size }), mean, std }, whose };
  }
  if (origin.kind === 'finetuned') {
    return { preprocessing: origin.config.preprocessing, whose: `as in its fine-tuning on ${origin.config.dataset}` };
  }
  if (weights) {
    const isExact = origin.kind === 'published';
    return {
      preprocessing: weights.preprocessing,
      whose: `${isExact ? 'of' : 'unknown file: as for'} ${weights.file}`,
    };
  }
  if (dataset) {
    const whose = `unknown file: ${dataset.name}'s own mean and std`;
    return { preprocessing: { mean: dataset.mean, std: dataset.std }, whose };
  }
  const [, height] = entry.inputShape;
  return { preprocessing: { resize: height, crop: height }, whose: `the size ${entry.name} was made for` };
}

function describe({ resize, crop, mean, std }: Preprocessing): string {
  return [
    ...(resize === undefined ? [] : [`resize ${resize}`]),
    ...(crop === undefined ? [] : [`crop ${crop}`]),
    `mean ${mean.join(' ')}`,
    `std ${std.join(' ')}`,
  ].join(', ');
}

/** `0.485,0.456,0.406` */
function numbers(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.every(Number.isFinite) && [1, 3].includes(values.length)) return values;
  throw new InvalidArgumentError('One number, or three separated by commas, is expected.');
}

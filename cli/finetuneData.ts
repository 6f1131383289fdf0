// The images that `wgrad finetune` trains on and tests with, and the size they are brought to.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ImageDataset } from '../datasets/imageDataset.ts';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { Dataset } from '../datasets/index.ts';
import { openImageFolder } from '../datasets/node/openImageFolder.ts';
import { subset } from '../datasets/subset.ts';
import type { ModelEntry } from '../models/entry.ts';
import { type BatchSource, datasetSource, preprocessedSource } from '../training/index.ts';
import { DATASETS } from '../training/runConfig.ts';
import { loadDatasets } from './loadDatasets.ts';
import { UsageError } from './usageError.ts';

export const FINETUNE_DATASETS = [...DATASETS, 'imagefolder'] as const;
export type FinetuneDataset = (typeof FINETUNE_DATASETS)[number];
export type Labelled = Dataset | ImageDataset<number>;

/** Images up to this side are thumbnails to a network made for photographs. */
const SMALL_IMAGE = 64;
/**
 * What small images are brought to: a frozen SqueezeNet 1.1 tells 68 % of CIFAR-10 right at 64 pixels and 75 % at 96,
 * for 2.3 times the work; the 224 it was made for would be 5.4 times as much again.
 */
const SMALL_IMAGE_SIZE = 96;

export interface FinetuneSets {
  train: Labelled;
  test: Labelled;
  /** Folder of the files; null for generated ones. */
  data: string | null;
}

/**
 * @param flags.limit first images of the training set; @param flags.testLimit of the test set
 * @throws UsageError where a folder is needed or holds no splits; what the data set's reader throws
 */
export async function finetuneSets({
  dataset,
  data,
  limit,
  testLimit,
}: {
  dataset: FinetuneDataset;
  data?: string | undefined;
  limit?: number | undefined;
  testLimit?: number | undefined;
}): Promise<FinetuneSets> {
  const root = data ?? (process.env.WGRAD_DATA || undefined);
  const folder = root === undefined ? null : resolve(root);
  const { train, test } = await openSets(dataset, folder, limit);
  return { train: firstOf(train, limit), test: firstOf(test, testLimit), data: dataset === 'glyphs' ? null : folder };
}

/** Images as the model is to see them. */
export function finetuneSource(set: Labelled, preprocessing: Preprocessing): Promise<BatchSource> | BatchSource {
  return 'images' in set ? datasetSource(set, { preprocessing }) : preprocessedSource(set, preprocessing);
}

/**
 * How images become the network's input: normalised with `normalization`, brought to `size`, or to a size that suits.
 * @param own what the weights were tested with
 * @returns with a sentence that says what was chosen and why
 * @throws UsageError for a size that the model cannot read
 */
export function finetunePreprocessing(
  entry: ModelEntry,
  set: Labelled,
  { size, own }: { size?: number | undefined; own: Preprocessing },
): { preprocessing: Preprocessing; size: number; why: string } {
  const { mean, std } = own;
  const { minSize, maxSize = Number.POSITIVE_INFINITY, inputShape, name } = entry;
  const made = inputShape[1];
  const squareOf = (side: number): Preprocessing => ({ resize: side, crop: side, mean, std });
  if (size !== undefined) {
    if (size >= minSize && size <= maxSize) return { preprocessing: squareOf(size), size, why: 'as asked' };
    const range = maxSize === Number.POSITIVE_INFINITY ? `at least ${minSize}` : `${minSize} to ${maxSize}`;
    throw new UsageError(`${name} reads images of ${range} pixels: --size ${size} does not fit`);
  }
  const side = 'images' in set ? Math.min(set.shape[1], set.shape[2]) : Number.POSITIVE_INFINITY;
  if (made <= SMALL_IMAGE) return { preprocessing: squareOf(made), size: made, why: `the size ${name} was made for` };
  if (side > SMALL_IMAGE) {
    const crop = typeof own.crop === 'number' ? own.crop : made;
    const preprocessing = { resize: own.resize ?? made, crop, mean, std };
    return { preprocessing, size: crop, why: `as for the photographs that ${name} was made for` };
  }
  const chosen = Math.min(Math.max(SMALL_IMAGE_SIZE, minSize), maxSize);
  const why = `enough for images of ${side} pixels, at a fraction of the work of the ${made} that ${name} was made for; --size decides otherwise`;
  return { preprocessing: squareOf(chosen), size: chosen, why };
}

async function openSets(dataset: FinetuneDataset, folder: string | null, limit: number | undefined) {
  if (dataset !== 'imagefolder') {
    const { trainSet, testSet } = await loadDatasets({ dataset, data: folder, limit: limit ?? null });
    return { train: trainSet, test: testSet };
  }
  if (folder === null) throw new UsageError('imagefolder needs --data <folder>, with train/ and test/ or val/ in it');
  const testName = ['test', 'val'].find((name) => existsSync(join(folder, name)));
  if (!existsSync(join(folder, 'train')) || !testName) {
    throw new UsageError(`${folder}: expected the folders train and test (or val), each with a folder for each class`);
  }
  const [train, test] = [await openImageFolder(join(folder, 'train')), await openImageFolder(join(folder, testName))];
  if (train.classes.join('\n') === test.classes.join('\n')) return { train, test };
  const differing = [
    ...train.classes.filter((name) => !test.classes.includes(name)),
    ...test.classes.filter((name) => !train.classes.includes(name)),
  ];
  throw new UsageError(
    `${folder}: train and ${testName} must have the same classes; only one has ${differing.join(', ')}`,
  );
}

function firstOf(set: Labelled, limit: number | undefined): Labelled {
  if (limit === undefined || limit >= set.count) return set;
  const indices = Uint32Array.from({ length: limit }, (_, i) => i);
  return 'images' in set ? subset(set, indices) : subset(set, indices);
}

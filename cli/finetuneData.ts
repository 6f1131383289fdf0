// The images that `wgrad finetune` trains on and tests with, and the size they are brought to.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { ImageDataset } from '../datasets/imageDataset.ts';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { Dataset } from '../datasets/index.ts';
import { openImageFolder } from '../datasets/node/openImageFolder.ts';
import { subset } from '../datasets/subset.ts';
import type { ModelEntry } from '../models/entry.ts';
import { type BatchSource, datasetSource } from '../training/index.ts';
import { preprocessedSource } from '../training/node/index.ts';
import { DATASETS } from '../training/runConfig.ts';
import { loadDatasets } from './loadDatasets.ts';
import { readableImages } from './readableImages.ts';
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

const TEST_FOLDERS = ['test', 'val'];

/** Threads that read pictures where `--workers` says nothing: more decode faster than most GPUs train. */
const MAX_DEFAULT_WORKERS = 4;

export interface FinetuneSets {
  train: Labelled;
  test: Labelled;
  /** Folder of the files; null for generated ones. */
  data: string | null;
  /** Pictures that `--skip-bad` left out. */
  badCount: number;
}

/**
 * @param flags.limit first images of the training set; @param flags.testLimit of the test set
 * @param flags.warn told of each picture that `skipBad` leaves out
 * @throws UsageError where a folder is needed or holds no splits; what the data set's reader throws
 */
export async function finetuneSets({
  dataset,
  data,
  limit,
  testLimit,
  workers,
  skipBad = false,
  warn,
}: {
  dataset: FinetuneDataset;
  data?: string | undefined;
  limit?: number | undefined;
  testLimit?: number | undefined;
  workers?: number | undefined;
  skipBad?: boolean | undefined;
  warn: (line: string) => void;
}): Promise<FinetuneSets> {
  const root = data ?? (process.env.WGRAD_DATA || undefined);
  const folder = root === undefined ? null : resolve(root);
  const opened = await openSets(dataset, folder, { limit, skipBad });
  const sets = { train: firstOf(opened.train, limit), test: firstOf(opened.test, testLimit) };
  let badCount = 0;
  for (const split of skipBad ? (['train', 'test'] as const) : []) {
    const set = sets[split];
    if ('images' in set) throw new UsageError(`--skip-bad is for pictures in folders, not for ${dataset}`);
    const readable = await readableImages(set, workersFor(set, workers));
    sets[split] = readable.set;
    badCount += readable.badCount;
    for (const { record, reason } of readable.bad) warn(`left out: ${record}: ${reason}`);
  }
  return { ...sets, badCount, data: dataset === 'glyphs' ? null : folder };
}

/** Data in memory needs no other thread where nothing is said: it is there, and small. */
export function workersFor(set: Labelled, wanted: number | undefined): number {
  if (wanted !== undefined || 'images' in set) return wanted ?? 0;
  return Math.min(MAX_DEFAULT_WORKERS, Math.max(1, availableParallelism() - 1));
}

/** Images as the model is to see them. */
export function finetuneSource(
  set: Labelled,
  preprocessing: Preprocessing,
  workers: number,
): Promise<BatchSource> | BatchSource {
  if ('images' in set && workers === 0) return datasetSource(set, { preprocessing });
  return preprocessedSource(set, preprocessing, { workers });
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

async function openSets(
  dataset: FinetuneDataset,
  folder: string | null,
  { limit, skipBad }: { limit: number | undefined; skipBad: boolean },
): Promise<{ train: Labelled; test: Labelled }> {
  if (dataset !== 'imagefolder') {
    const { trainSet, testSet } = await loadDatasets({ dataset, data: folder, limit: limit ?? null });
    return { train: trainSet, test: testSet };
  }
  if (folder === null) throw new UsageError('imagefolder needs --data <folder>, with train/ and test/ or val/ in it');
  const testName = TEST_FOLDERS.find((name) => existsSync(join(folder, name)));
  if (!existsSync(join(folder, 'train')) || !testName) {
    throw new UsageError(`${folder}: expected the folders train and test (or val), each with a folder for each class`);
  }
  const [train, test] = [
    await openImageFolder(join(folder, 'train'), { skipBad }),
    await openImageFolder(join(folder, testName), { skipBad }),
  ];
  const [trained, tested] = [new Set(train.classes), new Set(test.classes)];
  const differing = [...train.classes, ...test.classes].filter((name) => !(trained.has(name) && tested.has(name)));
  if (differing.length === 0) return { train, test };
  const more = differing.length > 10 ? ` and ${differing.length - 10} more` : '';
  throw new UsageError(
    `${folder}: train and ${testName} must have the same classes; only one has ${differing.slice(0, 10).join(', ')}${more}`,
  );
}

/**
 * The pictures that `wgrad eval` tests on: those of `folder/test` or `folder/val`, else the classes in `folder` itself.
 * @throws UsageError without a folder; what `openImageFolder` throws
 */
export async function openTestPictures(folder: string | null): Promise<ImageDataset<number>> {
  if (folder === null) throw new UsageError('imagefolder needs --data <folder>, with a folder for each class in it');
  const split = TEST_FOLDERS.find((name) => existsSync(join(folder, name)));
  return openImageFolder(split === undefined ? folder : join(folder, split));
}

function firstOf(set: Labelled, limit: number | undefined): Labelled {
  if (limit === undefined || limit >= set.count) return set;
  const indices = Uint32Array.from({ length: limit }, (_, i) => i);
  return 'images' in set ? subset(set, indices) : subset(set, indices);
}

// The training and the test images that a run's configuration names.
import { type Dataset, glyphs } from '../datasets/index.ts';
import {
  DatasetNotFoundError,
  findDataset,
  loadCifar10,
  loadCifar100,
  loadFashionMnist,
  loadMnist,
} from '../datasets/node/index.ts';
import type { RunConfig } from '../training/runConfig.ts';
import { UsageError } from './usageError.ts';

type Source = Pick<RunConfig, 'dataset' | 'data'>;

const LOADERS = { mnist: loadMnist, 'fashion-mnist': loadFashionMnist, cifar10: loadCifar10, cifar100: loadCifar100 };
const CIFAR10_BATCH = 10_000;

/**
 * CIFAR-10 comes in five batches, of which only those are read (and must be there) that `limit` reaches into.
 * @throws UsageError when a folder is needed and none is given, DatasetNotFoundError where its files are missing,
 *   FormatError where they are damaged
 */
export async function loadDatasets({
  limit,
  ...source
}: Source & Pick<RunConfig, 'limit'>): Promise<{ trainSet: Dataset; testSet: Dataset }> {
  return { trainSet: await loadTrainSet(source, limit), testSet: await loadTestSet(source) };
}

/** @throws as `loadDatasets` */
export async function loadTestSet({ dataset, data }: Source): Promise<Dataset> {
  if (dataset === 'glyphs') return glyphs({ train: false });
  return LOADERS[dataset](folderFor(dataset, data), { train: false });
}

async function loadTrainSet({ dataset, data }: Source, limit: number | null): Promise<Dataset> {
  if (dataset === 'glyphs') return glyphs();
  const folder = folderFor(dataset, data);
  if (dataset !== 'cifar10') return LOADERS[dataset](folder);
  const batches = [1, 2, 3, 4, 5].slice(0, Math.ceil((limit ?? Number.POSITIVE_INFINITY) / CIFAR10_BATCH));
  try {
    return await loadCifar10(folder, { batches });
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError) || batches.length === 1) throw error;
    throw new DatasetNotFoundError(`${error.message}. --limit ${CIFAR10_BATCH} needs data_batch_1.bin alone`);
  }
}

function folderFor(dataset: string, data: string | null): string {
  if (data !== null) return data;
  throw new UsageError(`${dataset} needs its files: give --data <folder> or set WGRAD_DATA`);
}

/** Whether `root` holds MNIST, both splits. */
export function hasMnist(root: string): boolean {
  try {
    findDataset(root, 'mnist');
    findDataset(root, 'mnist', { train: false });
    return true;
  } catch (error) {
    if (error instanceof DatasetNotFoundError) return false;
    throw error;
  }
}

// The training and the test images that a run's configuration names.
import { type Dataset, type EmnistSplit, glyphs } from '../datasets/index.ts';
import {
  DatasetNotFoundError,
  findDataset,
  loadCifar10,
  loadCifar100,
  loadEmnist,
  loadFashionMnist,
  loadMnist,
  PUBLISHED_FILES,
  type PublishedSet,
} from '../datasets/node/index.ts';
import type { RunConfig } from '../training/runConfig.ts';
import { UsageError } from './usageError.ts';

type Source = Pick<RunConfig, 'dataset' | 'data'>;
type Split = { train: boolean };
type Loader = (root: string | undefined, split: Split) => Promise<Dataset>;

const LOADERS: Readonly<Record<Exclude<RunConfig['dataset'], 'glyphs'>, Loader>> = {
  mnist: loadMnist,
  'fashion-mnist': loadFashionMnist,
  'emnist-byclass': emnist('byclass'),
  'emnist-bymerge': emnist('bymerge'),
  'emnist-balanced': emnist('balanced'),
  'emnist-letters': emnist('letters'),
  'emnist-digits': emnist('digits'),
  'emnist-mnist': emnist('mnist'),
  cifar10: loadCifar10,
  cifar100: loadCifar100,
  'cifar100-coarse': (root, split) => loadCifar100(root, { ...split, labels: 'coarse' }),
};
const CIFAR10_BATCH = 10_000;
const CIFAR10_IMAGES = 50_000;

export interface LoadDatasetsOptions {
  /** Told, in one line, when only some of the training images are there. Default: writes it to stderr. */
  warn?: (line: string) => void;
}

/**
 * Without a folder, the files are looked for where `wgrad fetch --dataset` puts them. CIFAR-10 comes in five batches: only
 * those are read that `limit` reaches into; where one of them is missing, all that are there.
 * @throws UsageError when a folder is needed and none is given, DatasetNotFoundError where its files are missing,
 *   FormatError where they are damaged
 */
export async function loadDatasets(
  { limit, ...source }: Source & Pick<RunConfig, 'limit'>,
  { warn = (line) => process.stderr.write(`${line}\n`) }: LoadDatasetsOptions = {},
): Promise<{ trainSet: Dataset; testSet: Dataset }> {
  return { trainSet: await loadTrainSet(source, { limit, warn }), testSet: await loadTestSet(source) };
}

/** @throws as `loadDatasets` */
export async function loadTestSet({ dataset, data }: Source): Promise<Dataset> {
  if (dataset === 'glyphs') return glyphs({ train: false });
  return withHint({ dataset, data }, () => LOADERS[dataset](data ?? undefined, { train: false }));
}

async function loadTrainSet(
  { dataset, data }: Source,
  { limit, warn }: Pick<RunConfig, 'limit'> & Required<LoadDatasetsOptions>,
): Promise<Dataset> {
  if (dataset === 'glyphs') return glyphs();
  const root = data ?? undefined;
  if (dataset !== 'cifar10') return withHint({ dataset, data }, () => LOADERS[dataset](root, { train: true }));
  const batches = [1, 2, 3, 4, 5].slice(0, Math.ceil((limit ?? CIFAR10_IMAGES) / CIFAR10_BATCH));
  try {
    return await loadCifar10(root, { batches });
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError)) throw error;
  }
  const present = await withHint({ dataset, data }, () => loadCifar10(root, { batches: 'present' }));
  warn(
    `cifar10: ${present.count} of ${limit ?? CIFAR10_IMAGES} training images are here: ` +
      `batch ${present.batches.join(', ')} of 5`,
  );
  return present;
}

/** Says how to come by the files where no folder was given. */
async function withHint<T>({ dataset, data }: Source, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError) || data !== null) throw error;
    throw new UsageError(
      `${dataset} needs its files: give --data <folder>, set WGRAD_DATA, ` +
        `or download them: wgrad fetch --dataset ${publishedSet(dataset)}`,
    );
  }
}

/** The files that a data set's name stands for: the splits of EMNIST share theirs, as the labels of CIFAR-100 do. */
export function publishedSet(name: string): PublishedSet | undefined {
  const sets = Object.keys(PUBLISHED_FILES) as PublishedSet[];
  return sets.find((set) => set === name) ?? sets.find((set) => name.startsWith(`${set}-`));
}

function emnist(split: EmnistSplit): Loader {
  return (root, { train }) => loadEmnist(root, { split, train });
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

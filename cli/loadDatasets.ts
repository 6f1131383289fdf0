// The training and the test images that a run's configuration names.
import { type Dataset, glyphs } from '../datasets/index.ts';
import { DatasetNotFoundError, findDataset, loadFashionMnist, loadMnist } from '../datasets/node/index.ts';
import type { RunConfig } from '../training/runConfig.ts';
import { UsageError } from './usageError.ts';

/**
 * @throws UsageError when a folder is needed and none is given, DatasetNotFoundError where its files are missing,
 *   FormatError where they are damaged
 */
export async function loadDatasets({
  dataset,
  data,
}: Pick<RunConfig, 'dataset' | 'data'>): Promise<{ trainSet: Dataset; testSet: Dataset }> {
  if (dataset === 'glyphs') return { trainSet: glyphs(), testSet: glyphs({ train: false }) };
  if (data === null) throw new UsageError(`${dataset} needs its files: give --data <folder> or set WGRAD_DATA`);
  const load = dataset === 'mnist' ? loadMnist : loadFashionMnist;
  return { trainSet: await load(data), testSet: await load(data, { train: false }) };
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

// CIFAR-10 and CIFAR-100 from a folder on disk.

import { type Cifar100, MAX_CIFAR_BYTES, readCifar10Files, readCifar100File } from '../cifar.ts';
import type { Dataset } from '../dataset.ts';
import { findCifar } from './findCifar.ts';
import { readBounded } from './readBounded.ts';

export interface Cifar10Options {
  /** The 50,000 training images (default) or the 10,000 test images. */
  train?: boolean;
  /** Which of the five training batches, 10,000 images each, in which order. Default: all. */
  batches?: readonly number[];
}

/**
 * CIFAR-10 in its binary version, [3, 32, 32].
 * @param root the folder of data_batch_1.bin … data_batch_5.bin and test_batch.bin, or one above it
 * @throws DatasetNotFoundError where a file is missing, FormatError where one is damaged
 */
export async function loadCifar10(
  root: string,
  { train = true, batches = [1, 2, 3, 4, 5] }: Cifar10Options = {},
): Promise<Dataset> {
  const names = train ? batches.map((batch) => `data_batch_${batch}.bin`) : ['test_batch.bin'];
  const paths = findCifar(root, 'cifar10', names);
  return readCifar10Files(await Promise.all(paths.map((path) => readBounded(path, MAX_CIFAR_BYTES))));
}

/**
 * CIFAR-100 in its binary version, [3, 32, 32], with fine labels; the coarse ones are beside them.
 * @param root the folder of train.bin and test.bin, or one above it
 * @param options.train the 50,000 training images (default) or the 10,000 test images
 * @throws DatasetNotFoundError where the file is missing, FormatError where it is damaged
 */
export async function loadCifar100(root: string, { train = true } = {}): Promise<Cifar100> {
  const [path] = findCifar(root, 'cifar100', [train ? 'train.bin' : 'test.bin']);
  return readCifar100File(await readBounded(path!, MAX_CIFAR_BYTES));
}

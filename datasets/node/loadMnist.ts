// MNIST and Fashion-MNIST from a folder on disk.

import type { Dataset } from '../dataset.ts';
import { MAX_IDX_BYTES } from '../idx.ts';
import { FASHION_MNIST, MNIST, type MnistKind, readMnistFiles } from '../mnist.ts';
import { findDataset } from './findDataset.ts';
import { readBounded } from './readBounded.ts';

/**
 * MNIST: 60,000 training or 10,000 test images, [1, 28, 28].
 * @param root the folder of the files, or one above it (see `findDataset`).
 * @param options.train the training images (default) or the test images.
 * @throws DatasetNotFoundError where the files are missing, FormatError where they are damaged.
 */
export function loadMnist(root: string, { train = true } = {}): Promise<Dataset> {
  return load(MNIST, root, train);
}

/** Fashion-MNIST: same sizes, options and errors as `loadMnist`. */
export function loadFashionMnist(root: string, { train = true } = {}): Promise<Dataset> {
  return load(FASHION_MNIST, root, train);
}

async function load(kind: MnistKind, root: string, train: boolean): Promise<Dataset> {
  const files = findDataset(root, kind.name, { train });
  const read = (path: string) => readBounded(path, MAX_IDX_BYTES);
  return readMnistFiles(kind, { images: await read(files.images), labels: await read(files.labels) });
}

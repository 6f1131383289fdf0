// MNIST and Fashion-MNIST from a folder on disk.

import { readFile, stat } from 'node:fs/promises';
import { FormatError } from '../../kernels/errors.ts';
import type { Dataset } from '../dataset.ts';
import { MAX_IDX_BYTES, type NamedBytes } from '../idx.ts';
import { FASHION_MNIST, MNIST, type MnistKind, readMnistFiles } from '../mnist.ts';
import { findDataset } from './findDataset.ts';

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
  return readMnistFiles(kind, { images: await readBounded(files.images), labels: await readBounded(files.labels) });
}

async function readBounded(path: string): Promise<NamedBytes> {
  const { size } = await stat(path);
  if (size > MAX_IDX_BYTES) {
    throw new FormatError(`${path}: found a file of ${size} bytes, expected at most ${MAX_IDX_BYTES}`);
  }
  return { name: path, bytes: await readFile(path) };
}

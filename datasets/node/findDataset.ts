// Finds the files of MNIST or Fashion-MNIST below a folder, under the names that downloads and torchvision give them.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { WgradError } from '../../kernels/errors.ts';
import type { MnistKind } from '../mnist.ts';

/** The files of one split. */
export interface DatasetFiles {
  readonly folder: string;
  readonly images: string;
  readonly labels: string;
}

/** A data set is not where it was looked for; the message lists the folders and the files to place. */
export class DatasetNotFoundError extends WgradError {}

/** Looked through in this order; the root itself comes last, so that a folder named for the set wins. */
const SUBFOLDERS: Readonly<Record<MnistKind['name'], readonly string[]>> = {
  mnist: ['mnist', 'MNIST/raw', 'MNIST', 'mnist/raw', 'mnist/MNIST/raw', 'raw', '.'],
  'fashion-mnist': [
    'fashion-mnist',
    'FashionMNIST/raw',
    'FashionMNIST',
    'fashion_mnist',
    'fashion-mnist/raw',
    'fashion-mnist/FashionMNIST/raw',
    'fashion-mnist/data/fashion',
    'data/fashion',
    'fashion',
    'raw',
    '.',
  ],
};

/**
 * The image and label files of a split, below `root` or in it.
 * Both sets use the same file names, so only the folder tells them apart: one named for a set is never taken for the
 * other, any other folder is taken at its word.
 * @param options.train the training files (default) or the test files (`t10k-…`).
 * @throws DatasetNotFoundError listing where it looked and what to place there.
 */
export function findDataset(root: string, name: MnistKind['name'], { train = true } = {}): DatasetFiles {
  const subfolders = SUBFOLDERS[name];
  if (!subfolders)
    throw new DatasetNotFoundError(`no data set '${name}': known are ${Object.keys(SUBFOLDERS).join(', ')}`);
  const prefix = train ? 'train' : 't10k';
  const looked: string[] = [];
  for (const subfolder of subfolders) {
    const folder = resolve(root, subfolder);
    const other = namedFor(folder);
    const images = firstFile(folder, spellings(prefix, 'images-idx3'));
    const labels = firstFile(folder, spellings(prefix, 'labels-idx1'));
    if (images && labels && (!other || other === name)) return { folder, images, labels };
    looked.push(`  ${folder}${reason(folder, images, labels, other)}`);
  }
  throw new DatasetNotFoundError(
    `${name}: the ${train ? 'training' : 'test'} files were not found. Looked in\n${looked.join('\n')}\n` +
      `Place ${prefix}-images-idx3-ubyte and ${prefix}-labels-idx1-ubyte there, plain or with .gz`,
  );
}

/** The original name, and the one with a dot that some archives and unpackers write. */
function spellings(prefix: string, rest: string): string[] {
  const names = [`${prefix}-${rest}-ubyte`, `${prefix}-${rest.replace('-idx', '.idx')}-ubyte`];
  return names.flatMap((name) => [name, `${name}.gz`]);
}

function firstFile(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path) && statSync(path).isFile());
}

/** The set that a folder, or the parent of a `raw` folder, is named for. */
function namedFor(folder: string): MnistKind['name'] | undefined {
  const own = basename(folder) === 'raw' ? basename(dirname(folder)) : basename(folder);
  const plain = own.toLowerCase().replace(/[-_ ]/g, '');
  if (plain === 'mnist') return 'mnist';
  return plain === 'fashionmnist' || plain === 'fashion' ? 'fashion-mnist' : undefined;
}

function reason(folder: string, images?: string, labels?: string, other?: string): string {
  if (images && labels) return ` (has the files, but the folder is named for ${other})`;
  if (images) return ' (has the images but no labels)';
  if (labels) return ' (has the labels but no images)';
  return existsSync(folder) ? '' : ' (does not exist)';
}

// Finds the files of an EMNIST split below a folder: unpacked, or in the gzip.zip that NIST publishes.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EmnistSplit } from '../emnist.ts';
import { DatasetNotFoundError } from './findDataset.ts';
import { isFile } from './isFile.ts';

export type EmnistPlace =
  | { readonly kind: 'files'; readonly images: string; readonly labels: string }
  | { readonly kind: 'archive'; readonly path: string };

/** Looked through in this order: torchvision's folder first, the root itself last. */
const SUBFOLDERS = [
  'EMNIST/raw',
  'EMNIST/raw/gzip',
  'EMNIST',
  'emnist',
  'emnist/raw',
  'emnist/gzip',
  'gzip',
  'raw',
  '.',
];
const ARCHIVES = ['gzip.zip', 'emnist.zip'];

/**
 * The image and label files, plain or gzipped, below `root` or in it; or else the archive, which `root` may be itself.
 * @throws DatasetNotFoundError listing where it looked and what to place there
 */
export function findEmnist(root: string, split: EmnistSplit, { train = true } = {}): EmnistPlace {
  if (isFile(root)) return { kind: 'archive', path: root };
  const { images, labels } = emnistNames(split, { train });
  const folders = SUBFOLDERS.map((subfolder) => resolve(root, subfolder));
  const looked: string[] = [];
  for (const folder of folders) {
    const [imageFile, labelFile] = [images, labels].map((name) => {
      return [name, `${name}.gz`].map((each) => join(folder, each)).find(isFile);
    });
    if (imageFile && labelFile) return { kind: 'files', images: imageFile, labels: labelFile };
    const only = imageFile ? ' (has the images but no labels)' : labelFile ? ' (has the labels but no images)' : '';
    looked.push(`  ${folder}${existsSync(folder) ? only : ' (does not exist)'}`);
  }
  const path = folders.flatMap((folder) => ARCHIVES.map((archive) => join(folder, archive))).find(isFile);
  if (path) return { kind: 'archive', path };
  throw new DatasetNotFoundError(
    `emnist-${split}: the ${train ? 'training' : 'test'} files were not found. Looked in\n${looked.join('\n')}\n` +
      `Place ${images} and ${labels} there, plain or with .gz, or gzip.zip as it is published`,
  );
}

/** As they are called in the archive, but for `.gz`. */
export function emnistNames(split: EmnistSplit, { train = true } = {}): { images: string; labels: string } {
  const prefix = `emnist-${split}-${train ? 'train' : 'test'}`;
  return { images: `${prefix}-images-idx3-ubyte`, labels: `${prefix}-labels-idx1-ubyte` };
}

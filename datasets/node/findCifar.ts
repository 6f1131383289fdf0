// Finds the files of CIFAR-10 or CIFAR-100 (binary version) below a folder, under the names that archives give them.

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatasetNotFoundError } from './findDataset.ts';

/** Looked through in this order: the archive's own folder name, the usual ones, the root itself. */
const SUBFOLDERS = {
  cifar10: ['cifar-10-batches-bin', 'cifar10/cifar-10-batches-bin', 'CIFAR10/cifar-10-batches-bin', 'cifar10', '.'],
  cifar100: ['cifar-100-binary', 'cifar100/cifar-100-binary', 'CIFAR100/cifar-100-binary', 'cifar100', '.'],
} as const;

/** What the Python version of each archive unpacks to; it is no use here, so it is named where it is met. */
const PYTHON = { cifar10: 'cifar-10-batches-py', cifar100: 'cifar-100-python' } as const;

/**
 * The paths of these files, all in the first folder that holds every one, below `root` or in it.
 * @throws DatasetNotFoundError listing where it looked, what is missing there, and what to place
 */
export function findCifar(root: string, name: 'cifar10' | 'cifar100', files: readonly string[]): string[] {
  const looked: string[] = [];
  for (const subfolder of SUBFOLDERS[name]) {
    const folder = resolve(root, subfolder);
    const missing = files.filter((file) => !isFile(join(folder, file)));
    if (missing.length === 0) return files.map((file) => join(folder, file));
    looked.push(`  ${folder}${reason(folder, files, missing)}`);
  }
  const python = existsSync(join(root, PYTHON[name]))
    ? ` (${PYTHON[name]} is there: the Python version, not read)`
    : '';
  const archive = `${name.replace('cifar', 'cifar-')}-binary.tar.gz`;
  throw new DatasetNotFoundError(
    `${name}: found no folder with ${files.join(', ')}. Looked in\n${looked.join('\n')}\n` +
      `Unpack ${archive} from https://www.cs.toronto.edu/~kriz/cifar.html there${python}`,
  );
}

function reason(folder: string, files: readonly string[], missing: readonly string[]): string {
  if (!existsSync(folder)) return ' (does not exist)';
  return missing.length === files.length ? '' : ` (lacks ${missing.join(', ')})`;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

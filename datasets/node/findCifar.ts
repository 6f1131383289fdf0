// Finds the files of CIFAR-10 or CIFAR-100 below a folder: unpacked or in their archives, binary or Python version.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatasetNotFoundError } from './findDataset.ts';
import { isFile } from './isFile.ts';

export type CifarName = 'cifar10' | 'cifar100';
export type CifarLayout = 'binary' | 'python';

/** Where the wanted batches are. */
export type CifarPlace =
  | {
      readonly kind: 'folder';
      readonly layout: CifarLayout;
      readonly folder: string;
      /** Those of the wanted batches that are there. */
      readonly batches: readonly string[];
    }
  | { readonly kind: 'archive'; readonly path: string };

interface Names {
  /** What the archive unpacks to. */
  readonly folder: string;
  readonly archive: string;
}

const NAMES: Readonly<Record<CifarName, Readonly<Record<CifarLayout, Names>>>> = {
  cifar10: {
    binary: { folder: 'cifar-10-batches-bin', archive: 'cifar-10-binary.tar.gz' },
    python: { folder: 'cifar-10-batches-py', archive: 'cifar-10-python.tar.gz' },
  },
  cifar100: {
    binary: { folder: 'cifar-100-binary', archive: 'cifar-100-binary.tar.gz' },
    python: { folder: 'cifar-100-python', archive: 'cifar-100-python.tar.gz' },
  },
};
const LAYOUTS = ['binary', 'python'] as const;

export interface FindCifarOptions {
  /** Takes the folder that holds the most of the batches, when there is no folder or archive of all. Default false. */
  isPartial?: boolean;
}

/**
 * Where the batches (`data_batch_1`, `test`) are, below `root` or in it: the first folder that holds every one, or else an
 * archive, which `root` may be itself.
 * @throws DatasetNotFoundError listing where it looked, what is missing there, and what to place
 */
export function findCifar(
  root: string,
  name: CifarName,
  batches: readonly string[],
  { isPartial = false }: FindCifarOptions = {},
): CifarPlace {
  if (isFile(root)) return { kind: 'archive', path: root };
  const looked: string[] = [];
  let best: (CifarPlace & { kind: 'folder' }) | undefined;
  for (const layout of LAYOUTS) {
    for (const subfolder of subfolders(name, layout)) {
      const folder = resolve(root, subfolder);
      const present = batches.filter((batch) => isFile(join(folder, batchFile(batch, layout))));
      const place = { kind: 'folder', layout, folder, batches: present } as const;
      if (present.length === batches.length) return place;
      if (present.length > (best?.batches.length ?? 0)) best = place;
      looked.push(`  ${folder}${reason(folder, batches, present, layout)}`);
    }
  }
  const archives = LAYOUTS.map((layout) => NAMES[name][layout].archive);
  for (const subfolder of ['.', name, name.toUpperCase()]) {
    const path = archives.map((archive) => join(root, subfolder, archive)).find(isFile);
    if (path) return { kind: 'archive', path };
  }
  if (isPartial && best) return best;
  const wanted = batches.map((batch) => batchFile(batch, 'binary'));
  throw new DatasetNotFoundError(
    `${name}: found no folder with ${wanted.join(', ')}, nor with their Python version. Looked in\n${looked.join('\n')}\n` +
      `Put ${archives.join(' or ')} from https://www.cs.toronto.edu/~kriz/cifar.html into ${resolve(root)}, as it is or unpacked`,
  );
}

/** What a path inside an archive holds; undefined for what is neither a batch nor names. */
export function cifarEntry(path: string): { batch: string; layout: CifarLayout } | undefined {
  const folders = Object.values(NAMES).flatMap((names) => LAYOUTS.map((layout) => names[layout].folder));
  const [file, folder, ...rest] = path.replace(/^\.\//, '').split('/').reverse();
  if (rest.length || (folder !== undefined && !folders.includes(folder))) return undefined;
  const match = /^(data_batch_[1-5]|test_batch|train|test|batches\.meta|meta)(\.bin)?$/.exec(file!);
  return match ? { batch: match[1]!, layout: match[2] ? 'binary' : 'python' } : undefined;
}

/** The file's name: `data_batch_1.bin`, in Python's version `data_batch_1`. */
export function batchFile(batch: string, layout: CifarLayout): string {
  return layout === 'binary' ? `${batch}.bin` : batch;
}

/** In this order: the archive's own folder name, the usual ones, the root itself. */
function subfolders(name: CifarName, layout: CifarLayout): string[] {
  const { folder } = NAMES[name][layout];
  return [folder, join(name, folder), join(name.toUpperCase(), folder), name, '.'];
}

function reason(folder: string, wanted: readonly string[], present: readonly string[], layout: CifarLayout): string {
  if (!existsSync(folder)) return ' (does not exist)';
  if (!present.length) return '';
  const missing = wanted.filter((batch) => !present.includes(batch));
  return ` (lacks ${missing.map((batch) => batchFile(batch, layout)).join(', ')})`;
}

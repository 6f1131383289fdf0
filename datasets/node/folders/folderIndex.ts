// Which images a folder of class folders holds: compact enough for ImageNet's 1.28 million files.
import type { BadRecord } from '../../imageDataset.ts';
import type { PackedStrings } from '../../packedStrings.ts';

export interface FolderIndex {
  /** The folder itself, without links. */
  readonly root: string;
  /** Names of the class folders, in Python's order. */
  readonly classes: readonly string[];
  /** Folders that hold images, in the order of the images. */
  readonly folders: readonly ImagesFolder[];
  /** File names of all images, folder after folder. */
  readonly names: PackedStrings;
  /** What was refused: links that leave the folder or lead nowhere, pipes, names that are not UTF-8. */
  readonly bad: readonly BadRecord[];
  /** Every folder that was read, and when it last changed: while these hold, so does the index. */
  readonly stamps: readonly FolderStamp[];
}

export interface ImagesFolder {
  /** Below the root, `/` between its parts. */
  readonly path: string;
  readonly label: number;
  /** Number of its first image. */
  readonly first: number;
}

export interface FolderStamp {
  readonly path: string;
  /** Modification and change time in ns, and inode. */
  readonly stamp: string;
}

/** Path of an image below the root, `/` between its parts. */
export function pathOf({ folders, names }: FolderIndex, index: number): string {
  let [low, high] = [0, folders.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (folders[middle]!.first <= index) low = middle;
    else high = middle - 1;
  }
  return `${folders[low]!.path}/${names.get(index)}`;
}

/** Class of each image: [count]. */
export function labelsOf({ folders, names }: FolderIndex): Uint32Array {
  const labels = new Uint32Array(names.count);
  for (const [i, { first, label }] of folders.entries()) labels.fill(label, first, folders[i + 1]?.first);
  return labels;
}

/** Names of the classes without an image. */
export function emptyClasses({ classes, folders }: FolderIndex): string[] {
  const used = new Set(folders.map(({ label }) => label));
  return classes.filter((_, label) => !used.has(label));
}

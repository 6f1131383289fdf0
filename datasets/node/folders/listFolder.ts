// Walks a folder of class folders as torchvision's `make_dataset` does, in the same order.
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../../../kernels/errors.ts';
import { byCodePoint } from '../../codePointOrder.ts';
import type { BadRecord } from '../../imageDataset.ts';
import { packedStrings } from '../../packedStrings.ts';
import type { FolderIndex, FolderStamp, ImagesFolder } from './folderIndex.ts';
import { isInside, outside } from './insideFolder.ts';
import { stampOf } from './stampOf.ts';

export interface ListOptions {
  /** Lower-case endings of image files, with their dots. */
  readonly extensions: readonly string[];
  readonly allowLinks: boolean;
}

const MAX_FOLDERS = 2 ** 20;
/** Links to one folder that are followed: twenty folders with two links each to the next make a million. */
const MAX_LINKS = 16;

/**
 * Class folders by name; in each, folders by path and files by name, all by code point. Links to folders are followed, to
 * each at most 16 times.
 * Names that begin with a dot are passed over (torchvision takes `._photo.jpg` and `.ipynb_checkpoints` along).
 * @param root a folder, without links
 * @throws FormatError for more folders than any data set has
 */
export async function listFolder(root: string, { extensions, allowLinks }: ListOptions): Promise<FolderIndex> {
  const bad: BadRecord[] = [];
  const stamps: FolderStamp[] = [];
  const folders: ImagesFolder[] = [];
  const chunks: Buffer[] = [];
  const linksTo = new Map<string, number>();
  let count = 0;

  const top = await read({ path: '', real: root, above: undefined });
  const classFolders = top.folders.sort((a, b) => byCodePoint(a.path, b.path));
  for (const [label, classFolder] of classFolders.entries()) {
    const found: { path: string; files: string[] }[] = [];
    for (const open = [classFolder]; open.length > 0; ) {
      const folder = open.pop()!;
      const { folders: below, files } = await read(folder);
      open.push(...below);
      if (files.length > 0) found.push({ path: folder.path, files });
    }
    for (const { path, files } of found.sort((a, b) => byCodePoint(a.path, b.path))) {
      folders.push({ path, label, first: count });
      chunks.push(Buffer.from(`${files.sort(byCodePoint).join('\0')}\0`));
      count += files.length;
    }
  }
  const names = packedStrings(root, Buffer.concat(chunks));
  return { root, classes: classFolders.map(({ path }) => path), folders, names, bad, stamps };

  async function read(folder: Folder): Promise<{ folders: Folder[]; files: string[] }> {
    if (stamps.length >= MAX_FOLDERS)
      throw new FormatError(`${root}: more than ${MAX_FOLDERS} folders; do links multiply?`);
    const absolute = join(root, folder.path);
    // before its entries: a change while they are read makes the stamp old
    stamps.push({ path: folder.path, stamp: await stampOf(absolute) });
    const entries = await readdir(absolute, { withFileTypes: true });
    const result = { folders: [] as Folder[], files: [] as string[] };
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = folder.path ? `${folder.path}/${entry.name}` : entry.name;
      const isImage = hasExtension(entry.name);
      const kind = await kindOf(entry, { path, folder, isImage });
      if (kind === 'folder') {
        const real = entry.isSymbolicLink() ? await realpath(join(root, path)) : join(folder.real, entry.name);
        result.folders.push({ path, real, above: folder });
      } else if (kind === 'file') {
        if (isImage && folder.path) result.files.push(entry.name);
      } else if (kind) bad.push({ record: join(root, path), reason: kind });
    }
    return result;
  }

  /** What to do with an entry; another text says why it is refused, and undefined that it is passed over. */
  async function kindOf(
    entry: Dirent,
    { path, folder, isImage }: { path: string; folder: Folder; isImage: boolean },
  ): Promise<'folder' | 'file' | (string & {}) | undefined> {
    const absolute = join(root, path);
    // Node writes U+FFFD for bytes that are no UTF-8, and such a file cannot be opened by its name
    if (entry.name.includes('\ufffd') && !(await exists(absolute))) return 'its name is not UTF-8';
    if (entry.isDirectory()) return 'folder';
    if (entry.isFile()) return 'file';
    if (!entry.isSymbolicLink()) return isImage ? 'is no file' : undefined;
    try {
      const real = await realpath(absolute);
      const target = await stat(real);
      if (!target.isDirectory() && !isImage) return undefined;
      if (!allowLinks && !isInside(root, real)) return `is a link to ${real}, ${outside(root)}`;
      if (target.isFile()) return 'file';
      if (!target.isDirectory()) return 'is no file';
      if (isAbove(folder, real)) return `is a link to ${real}, which it lies in`;
      const links = (linksTo.get(real) ?? 0) + 1;
      linksTo.set(real, links);
      return links > MAX_LINKS ? `is a link to ${real}, as ${MAX_LINKS} others are` : 'folder';
    } catch (cause) {
      return isImage ? `is a link that leads nowhere (${(cause as NodeJS.ErrnoException).code})` : undefined;
    }
  }

  function hasExtension(name: string): boolean {
    const lower = name.toLowerCase();
    return extensions.some((extension) => lower.endsWith(extension));
  }
}

interface Folder {
  /** Below the root, `/` between its parts; empty for the root. */
  readonly path: string;
  readonly real: string;
  readonly above: Folder | undefined;
}

function isAbove(folder: Folder | undefined, real: string): boolean {
  for (let each = folder; each; each = each.above) if (each.real === real) return true;
  return false;
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

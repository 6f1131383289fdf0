// A folder's index, from the last time where nothing has changed since.
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../../../kernels/errors.ts';
import { packedStrings } from '../../packedStrings.ts';
import { datasetsFolder } from '../datasetsFolder.ts';
import { DatasetNotFoundError } from '../findDataset.ts';
import { readSealed, writeSealed } from '../sealedFile.ts';
import type { FolderIndex } from './folderIndex.ts';
import { type IndexHeader, isIndexHeader } from './isIndexHeader.ts';
import { type ListOptions, listFolder } from './listFolder.ts';
import { stampOf } from './stampOf.ts';

export interface CacheChoice {
  /**
   * Folder where the list of files is kept between runs and for workers; false keeps nothing. Default: `datasets/indexes`
   * in wgrad's cache folder. The list is made again whenever a folder has changed; nothing is written beside the images.
   */
  readonly cache?: string | false;
}

/**
 * The images below `path`.
 * @throws DatasetNotFoundError where there is no such folder
 */
export async function indexFolder(
  path: string,
  { cache = join(datasetsFolder(), 'indexes'), ...options }: CacheChoice & ListOptions,
): Promise<FolderIndex> {
  const root = await realFolder(path);
  if (cache === false) return listFolder(root, options);
  const key = createHash('sha256').update(JSON.stringify([VERSION, root, options.extensions, options.allowLinks]));
  const file = join(cache, `${key.digest('hex').slice(0, 32)}.index`);
  const kept = await readIndex(file, root).catch(() => undefined);
  if (kept && (await isCurrent(kept))) return kept;
  const started = Date.now();
  const index = await listFolder(root, options);
  // A folder changed within the resolution of its file system's clock could change again unseen.
  if (newestChange(index) < started - CLOCK_MS) await writeIndex(file, index).catch(() => undefined);
  return index;
}

/** Goes up when the file's layout or the rules of listing change. */
const VERSION = 2;
/** The coarsest clocks of file systems tick every two seconds. */
const CLOCK_MS = 2000;

async function realFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (cause) {
    throw new DatasetNotFoundError(`${path}: there is no such folder`, { cause });
  }
  throw new DatasetNotFoundError(`${path}: is no folder`);
}

async function isCurrent({ root, stamps }: FolderIndex): Promise<boolean> {
  const current = await Promise.all(
    stamps.map(({ path, stamp }) =>
      stampOf(join(root, path)).then(
        (now) => now === stamp,
        () => false,
      ),
    ),
  );
  return current.every(Boolean);
}

function newestChange({ stamps }: FolderIndex): number {
  return stamps.reduce((newest, { stamp }) => Math.max(newest, Number.parseInt(stamp, 10) / 1e6), 0);
}

/** A line of JSON, then the names. */
async function writeIndex(file: string, { classes, folders, bad, stamps, names }: FolderIndex): Promise<void> {
  const header: IndexHeader = { classes, folders, bad, stamps };
  await writeSealed(file, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), names.bytes]));
}

async function readIndex(file: string, root: string): Promise<FolderIndex> {
  const content = await readSealed(file);
  if (!content) throw new FormatError(`${file}: is damaged`);
  const end = content.indexOf(0x0a);
  const header: unknown = JSON.parse(content.subarray(0, end).toString());
  const names = packedStrings(file, content.subarray(end + 1));
  if (!isIndexHeader(header, names)) throw new FormatError(`${file}: was not made by listing a folder`);
  const { classes, folders, bad, stamps } = header;
  return { root, classes, folders, bad, stamps, names };
}

// Files that a data set names, kept inside its folder: a path, a link or an annotation may point anywhere.
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileError } from '../../../engine/node/fileError.ts';
import { FormatError } from '../../../kernels/errors.ts';

/** Whether `real`, a path without links, is `folder` or below it; `folder` has no links either. */
export function isInside(folder: string, real: string): boolean {
  return real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

export interface LinkChoice {
  /**
   * Follows symbolic links that leave the folder. Default false: a data set that somebody else packed could read any
   * file of yours. Links within the folder are always followed.
   */
  readonly allowLinks?: boolean;
}

/**
 * The path of a file below `folder`.
 * @param relative with `/` between its parts
 * @throws FormatError naming the file where it is missing or leaves the folder; FileError where the folder itself is gone, or
 *   the disk fails
 */
export async function insideFolder(
  folder: string,
  relative: string,
  { allowLinks = false }: LinkChoice = {},
): Promise<string> {
  const path = join(folder, relative);
  if (!isInside(folder, path)) throw new FormatError(`${folder}: '${relative}' leaves the folder`);
  const real = await realpath(path).catch(async (cause: NodeJS.ErrnoException) => {
    // without the folder itself no file is there: that is not this file's fault
    await stat(folder).catch((error: unknown) => {
      throw fileError(folder, { doing: 'read' }, error);
    });
    const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    if (!isMissing && !ITS_OWN.includes(cause.code ?? '')) throw fileError(path, { doing: 'read' }, cause);
    throw new FormatError(`${path}: ${isMissing ? 'is missing' : cause.message}`, { cause });
  });
  if (allowLinks || isInside(folder, real)) return path;
  throw new FormatError(`${path}: is a link to ${real}, ${outside(folder)}`);
}

/** What is wrong with a path itself: links in a circle, names too long, what is no text, what is not ours to read. */
const ITS_OWN: readonly string[] = ['ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE', 'EACCES'];

/** How messages end that refuse a link. */
export function outside(folder: string): string {
  return `outside ${folder} (allowLinks follows it)`;
}

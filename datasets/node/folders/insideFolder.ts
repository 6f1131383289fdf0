// Files that a data set names, kept inside its folder: a path, a link or an annotation may point anywhere.
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
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
 * @throws FormatError naming the file where it is missing or leaves the folder
 */
export async function insideFolder(
  folder: string,
  relative: string,
  { allowLinks = false }: LinkChoice = {},
): Promise<string> {
  const path = join(folder, relative);
  if (!isInside(folder, path)) throw new FormatError(`${folder}: '${relative}' leaves the folder`);
  const real = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    throw new FormatError(`${path}: ${isMissing ? 'is missing' : cause.message}`, { cause });
  });
  if (allowLinks || isInside(folder, real)) return path;
  throw new FormatError(`${path}: is a link to ${real}, ${outside(folder)}`);
}

/** How messages end that refuse a link. */
export function outside(folder: string): string {
  return `outside ${folder} (allowLinks follows it)`;
}

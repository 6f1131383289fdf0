// A whole file in memory, unless it is larger than its format can be.

import { readFile } from 'node:fs/promises';
import { fileError } from '../../engine/node/fileError.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import { checkIsFile } from './checkIsFile.ts';

/** @throws FormatError for a file of more than `maxBytes`, and what is no file (a device never ends), unread; FileError where it cannot be read */
export async function readBounded(path: string, maxBytes: number): Promise<NamedBytes> {
  const size = await checkIsFile(path);
  if (size > maxBytes) throw new FormatError(`${path}: found a file of ${size} bytes, expected at most ${maxBytes}`);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(path, { doing: 'read' }, error);
  });
  return { name: path, bytes };
}

// A whole file in memory, unless it is larger than its format can be.

import { readFile, stat } from 'node:fs/promises';
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';

/** @throws FormatError for a file of more than `maxBytes`, and what is no file (a device never ends), unread */
export async function readBounded(path: string, maxBytes: number): Promise<NamedBytes> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new FormatError(`${path}: is no file`);
  const { size } = stats;
  if (size > maxBytes) throw new FormatError(`${path}: found a file of ${size} bytes, expected at most ${maxBytes}`);
  return { name: path, bytes: await readFile(path) };
}

// A whole file in memory, unless it is larger than its format can be.

import { readFile, stat } from 'node:fs/promises';
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';

/** @throws FormatError for a file of more than `maxBytes`, unread */
export async function readBounded(path: string, maxBytes: number): Promise<NamedBytes> {
  const { size } = await stat(path);
  if (size > maxBytes) throw new FormatError(`${path}: found a file of ${size} bytes, expected at most ${maxBytes}`);
  return { name: path, bytes: await readFile(path) };
}

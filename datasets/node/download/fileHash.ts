// The hash that says whether a file is the published one.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FormatError } from '../../../kernels/errors.ts';

export type HashName = 'md5' | 'sha256';

/** Hash of a file in lower-case hexadecimal, read in pieces; undefined when there is no such file. @throws FormatError for a folder or a device */
export async function fileHash(path: string, name: HashName): Promise<string | undefined> {
  const hash = createHash(name);
  try {
    // a device never ends
    if (!(await stat(path)).isFile()) throw new FormatError(`${path}: is no file`);
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

// The hash that says whether a file is the published one.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export type HashName = 'md5' | 'sha256';

/** Hash of a file in lower-case hexadecimal, read in pieces; undefined when there is no such file. */
export async function fileHash(path: string, name: HashName): Promise<string | undefined> {
  const hash = createHash(name);
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

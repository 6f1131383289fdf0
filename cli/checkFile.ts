// A file that was named on the command line must be there, before anything starts.
import { statSync } from 'node:fs';
import { UsageError } from './usageError.ts';

/**
 * @param what the file is to be, for the message: `image`
 * @throws UsageError when there is none, or it is a folder
 */
export function checkFile(path: string, what: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`${path}: there is no such file (expected: ${what})`);
  if (found.isDirectory()) throw new UsageError(`${path}: is a folder (expected: ${what})`);
}

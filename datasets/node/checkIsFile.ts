// Before a file is opened that anybody may have put there: opening a pipe waits for its writer, and a device never ends.
import { stat } from 'node:fs/promises';
import { fileError } from '../../engine/node/fileError.ts';
import { FormatError } from '../../kernels/errors.ts';

/** @returns its size in bytes. @throws FormatError for a pipe, a device or a folder, FileError where there is nothing */
export async function checkIsFile(path: string): Promise<number> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(path, { doing: 'read' }, error);
  });
  if (!stats.isFile()) throw new FormatError(`${path}: is no file`);
  return stats.size;
}

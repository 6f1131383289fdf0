// When a folder's list of names last changed.
import { stat } from 'node:fs/promises';

/** Modification and change time in ns, and inode. A copy that keeps modification times still has its own change time. */
export async function stampOf(folder: string): Promise<string> {
  const { mtimeNs, ctimeNs, ino } = await stat(folder, { bigint: true });
  return `${mtimeNs}/${ctimeNs}/${ino}`;
}

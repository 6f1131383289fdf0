// Writes a file so that a reader sees the old one or the new one, whole.

import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Through `<path>.new`, which lies in the same folder and so on the same disk. */
export function replaceFile(path: string, bytes: string | Uint8Array): void {
  const fresh = `${path}.new`;
  try {
    writeFileSync(fresh, bytes);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

// Writes a file so that a reader sees the old one or the new one, whole.
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Through a file of its own beside it, on the same disk; of two processes that do so at once, one wins. */
export function replaceFile(path: string, bytes: string | Uint8Array): void {
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    writeFileSync(fresh, bytes);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

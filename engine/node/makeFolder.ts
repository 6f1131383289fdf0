// Makes a folder, and those above it that are missing.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { onDisk } from './fileError.ts';

/** Nothing where it exists. @throws FileError, with the disk's own reason: Node's recursive `mkdir` calls a read-only one missing */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  onDisk(path, { doing: 'made' }, () => {
    try {
      mkdirSync(path);
    } catch (error) {
      // another process was faster
      if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
    }
  });
}

// Replaces a folder by a new one so that a crash at any instant leaves one of the two, whole.
//
// `name.next` is filled; `name` moves to `name.previous`; `name.next` moves to `name`; `name.previous` goes. So `name`,
// or where it is missing `name.previous`, is always complete.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** @param files bytes by file name */
export function replaceFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  const [next, previous] = [`${folder}.next`, `${folder}.previous`];
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  for (const [name, bytes] of files) writeDurably(join(next, name), bytes);
  if (existsSync(folder)) {
    rmSync(previous, { recursive: true, force: true });
    renameSync(folder, previous);
  }
  renameSync(next, folder);
  rmSync(previous, { recursive: true, force: true });
}

/** Where the last complete folder lies; undefined when there is none. */
export function currentFolder(folder: string): string | undefined {
  return [folder, `${folder}.previous`].find((path) => existsSync(path));
}

/** On the disk when it returns, so that no rename overtakes the bytes. */
function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

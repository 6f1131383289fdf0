// Replaces a folder by a new one so that a crash or a power failure at any instant leaves a whole one.
//
// `name.next` is filled, its manifest last; `name.previous` goes; `name` moves to `name.previous`, where it stays in case
// the new one is damaged later; `name.next` moves to `name`. From when `name.next` is whole until it is `name`, it counts.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onDisk } from '../../engine/node/fileError.ts';
import { makeFolder } from '../../engine/node/makeFolder.ts';
import { replaceFile, syncFolder, writeInto } from '../../engine/node/replaceFile.ts';
import { MANIFEST, manifestText } from './manifest.ts';

/**
 * The folder before is kept as `<folder>.previous`.
 * @param files bytes by file name
 * @throws FileError where it cannot be written: what was there stays, and nothing else is left
 */
export function replaceFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  const next = `${folder}.next`;
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  onDisk(folder, { doing: 'written', bytes }, () => {
    if (existsSync(join(next, MANIFEST))) place(folder); // by a process that was killed before it could
    rmSync(next, { recursive: true, force: true });
    try {
      makeFolder(next);
      for (const [name, content] of files) writeInto(join(next, name), content, 'wx');
      replaceFile(join(next, MANIFEST), manifestText(files));
    } catch (error) {
      rmSync(next, { recursive: true, force: true });
      throw error;
    }
    place(folder);
  });
}

/** The folders that can be whole, the last one first; none when there never was one. */
export function folderVersions(folder: string): string[] {
  const next = `${folder}.next`;
  const places = [folder, ...(existsSync(join(next, MANIFEST)) ? [next] : []), `${folder}.previous`];
  return places.filter((path) => existsSync(path));
}

/** What is written under `<folder>.next` gets its name; whatever of it is left undone the next call does. */
function place(folder: string): void {
  if (existsSync(folder)) {
    rmSync(`${folder}.previous`, { recursive: true, force: true });
    renameSync(folder, `${folder}.previous`);
  }
  renameSync(`${folder}.next`, folder);
  syncFolder(dirname(folder));
}

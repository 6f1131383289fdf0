// Folders that a test fills and that are gone after it.
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** `make` returns a new folder with these files, their content by path; `removeAll` belongs into `test.after`. */
export function temporaryFolders(): {
  make: (files?: Readonly<Record<string, Uint8Array | string>>) => string;
  removeAll: () => void;
} {
  const created: string[] = [];
  return {
    make: (files = {}) => {
      const root = realpathSync(mkdtempSync(join(tmpdir(), 'wgrad-')));
      created.push(root);
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
      return root;
    },
    removeAll: () => {
      for (const folder of created) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the folder and all below it look untouched for an hour. */
export function age(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) age(join(folder, entry.name));
  }
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(folder, hourAgo, hourAgo);
}

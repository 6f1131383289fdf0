// A disk of a few hundred kilobytes in memory, where this process may mount one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Mounts it anew: `size=2m`, `ro`, `rw`. */
  change(option: string): void;
}

/** Whether there can be one. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-disk-'));
  const isMounted = mount(['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  if (isMounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
}

export function smallDisk(size: string): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'wgrad-disk-'));
  if (!mount(['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])) throw new Error(`cannot mount ${path}`);
  return {
    path,
    change: (option) => {
      if (!mount(['-o', `remount,${option}`, path])) throw new Error(`cannot mount ${path} with ${option}`);
    },
    [Symbol.dispose]: () => {
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function mount(args: readonly string[]): boolean {
  return spawnSync('mount', args).status === 0;
}

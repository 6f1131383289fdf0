// Writes files so that whoever looks sees the old one or the new one, whole, after a crash or a power failure too: into a
// temporary file beside it, to the disk, renamed, the folder to the disk.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import crc32 from 'crc-32';
import { fileError, onDisk } from './fileError.ts';

/**
 * Of two processes that replace a file at once, one wins. What a killed process left half-written beside it is removed. A
 * pipe or a device (`/dev/stdout`) is written to; a link is replaced, not followed.
 * @throws FileError when it cannot be written; the old file stays, and nothing else is left
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  onDisk(path, { doing: 'written', bytes: bytes.length }, () => {
    if (isStream(path)) return writeInto(path, bytes, 'w');
    const temporary = temporaryFor(path);
    try {
      writeInto(temporary, bytes, 'wx');
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
  });
}

/**
 * `replaceFile` with content that comes in parts, which need not fit into memory together.
 * @returns the bytes written
 * @throws FileError as `replaceFile`, and whatever the parts throw
 */
export async function replaceFileByParts(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  let bytes = 0;
  const temporary = isStream(path) ? undefined : onDisk(path, { doing: 'written' }, () => temporaryFor(path));
  try {
    const file = await open(temporary ?? path, temporary ? 'wx' : 'w');
    try {
      for await (const part of parts) {
        bytes += part.length;
        for (let at = 0; at < part.length; ) {
          at += (await file.write(part, at, Math.min(part.length - at, MAX_WRITE_BYTES))).bytesWritten;
        }
      }
      if (temporary) await file.sync();
    } finally {
      await file.close();
    }
    if (temporary) {
      renameSync(temporary, path);
      syncFolder(dirname(path));
    }
  } catch (error) {
    if (temporary) await rm(temporary, { force: true });
    throw fileError(path, { doing: 'written', bytes }, error);
  }
  return bytes;
}

/** Makes a file that is on the disk when this returns. */
export function writeInto(path: string, bytes: Uint8Array, flags: 'w' | 'wx'): void {
  const file = openSync(path, flags);
  try {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(file, bytes, at, Math.min(bytes.length - at, MAX_WRITE_BYTES));
    }
    if (flags === 'wx') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename too is to survive a power failure. Windows cannot do this to folders, and need not. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** One call writes at most 2 GiB - 1. */
const MAX_WRITE_BYTES = 2 ** 30;
const TEMPORARY = /^\.wgrad-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{12}\.tmp$/;
/** On a shared disk, of a machine that may run no more. */
const STALE_MS = 24 * 3600 * 1000;

/** Renaming works within a disk only, so it lies in the same folder. */
function temporaryFor(path: string): string {
  const folder = dirname(path);
  removeStale(folder);
  return join(folder, `.wgrad-${machine()}-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

/** Removes what processes of this machine that run no more left there, and what nobody has touched for a day. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, host, pid] = TEMPORARY.exec(name) ?? [];
    if (!host) continue;
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_MS || (host === machine() && !isRunning(Number(pid)))) rmSync(path, { force: true });
  }
}

function machine(): string {
  return (crc32.str(hostname()) >>> 0).toString(16).padStart(8, '0');
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isStream(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice());
}

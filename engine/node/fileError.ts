// What the file system refuses, in words: which path, what was being done, what would help.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileError } from '../../kernels/errors.ts';

export interface FileAction {
  /** What cannot be done with the path. */
  readonly doing: 'written' | 'read' | 'made';
  /** How much was to be written. */
  readonly bytes?: number | undefined;
}

const ELSEWHERE = 'or choose another folder (--out)';

const REASONS: Readonly<Record<string, string>> = {
  EDQUOT: `your quota on this disk is used up: free some of it, ${ELSEWHERE}`,
  EFBIG: 'the file would be larger than this process may write: raise `ulimit -f`, or the disk takes no such file',
  EROFS: `the file system is read-only: make it writable, ${ELSEWHERE}`,
  EACCES: `permission denied: change the folder's permissions, ${ELSEWHERE}`,
  EPERM: `the system does not permit it: change the folder's permissions, ${ELSEWHERE}`,
  EIO: 'the disk reports an error: check it',
  EMFILE: 'too many files are open: raise `ulimit -n`',
  EISDIR: 'there is a folder of that name',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of it is no folder',
};

/** Does `action` to the file or folder at `path`. @throws FileError where the system refuses; other errors as they are */
export function onDisk<T>(path: string, what: FileAction, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(path, what, error);
  }
}

/** The system's error as a FileError; any other as it is. */
export function fileError(path: string, { doing, bytes }: FileAction, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOSPC' ? full(path, bytes) : code === 'ENOENT' ? gone(doing) : (REASONS[code] ?? message);
  return new FileError(`${path}: cannot be ${doing}: ${reason} (${code})`, { cause: error, code });
}

function full(path: string, bytes: number | undefined): string {
  const needed = bytes === undefined ? '' : `${bytes} bytes are needed${free(path)}: `;
  return `the disk is full: ${needed}free some space there, ${ELSEWHERE}`;
}

function gone(doing: FileAction['doing']): string {
  return doing === 'read' ? 'it is missing: was it moved or removed?' : 'its folder is gone: was it moved or removed?';
}

function free(path: string): string {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return `, ${bavail * bsize} are free`;
  } catch {
    return ''; // then it is not known
  }
}

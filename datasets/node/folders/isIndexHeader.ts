// What a kept list of files must be like: anybody who can write into the cache folder can have made it.
import type { FolderIndex } from './folderIndex.ts';

export type IndexHeader = Pick<FolderIndex, 'classes' | 'folders' | 'bad' | 'stamps'>;

/**
 * Whether it could come from listing a folder: every path lies below the root, labels are of classes, and the folders
 * share out the files.
 * @param names of the files, each followed by a zero byte
 */
export function isIndexHeader(value: unknown, names: { count: number; bytes: Uint8Array }): value is IndexHeader {
  const { classes, folders, bad, stamps } = (value ?? {}) as { [K in keyof IndexHeader]?: unknown };
  if (!isListOf(classes, isName)) return false;
  let next = 0;
  const isFolder = (folder: unknown, i: number): boolean => {
    const { path, label, first } = (folder ?? {}) as Record<string, unknown>;
    const isNext = Number.isSafeInteger(first) && (i === 0 ? first === 0 : Number(first) > next);
    next = Number(first);
    const name = classes[label as number];
    return isNext && name !== undefined && isPath(path) && (path === name || path.startsWith(`${name}/`));
  };
  const isShared = isListOf(folders, isFolder) && (folders.length === 0 ? names.count === 0 : next < names.count);
  const isRecord = (each: unknown) => isTexts(each, ['record', 'reason']);
  const isStamp = (each: unknown, i: number) => {
    const { path } = (each ?? {}) as Record<string, unknown>;
    return isTexts(each, ['path', 'stamp']) && (i === 0 ? path === '' : isPath(path));
  };
  const isStamped = isListOf(stamps, isStamp) && stamps.length > 0;
  return isShared && isStamped && isListOf(bad, isRecord) && !names.bytes.includes(SLASH);
}

const SLASH = 0x2f;

function isListOf(value: unknown, isItem: (item: unknown, i: number) => boolean): value is string[] {
  return Array.isArray(value) && value.every(isItem);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !/[/\0]/.test(value);
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.split('/').every(isName);
}

function isTexts(value: unknown, keys: readonly string[]): boolean {
  return keys.every((key) => typeof (value as Record<string, unknown> | null)?.[key] === 'string');
}

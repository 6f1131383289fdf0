// The index of a large annotation file, kept between runs and for workers.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { FormatError } from '../../../kernels/errors.ts';
import type { AnnotationKind } from '../../coco/annotationKinds.ts';
import { datasetsFolder } from '../datasetsFolder.ts';
import { stampOf } from '../folders/stampOf.ts';
import { readBounded } from '../readBounded.ts';
import { buildCocoIndex, type CocoIndex } from './cocoIndex.ts';
import { isCocoIndex } from './isCocoIndex.ts';

export interface StampedIndex {
  readonly index: CocoIndex;
  /** Of the annotation file when it was read. */
  readonly stamp: string;
}

/** Goes up when the layout or the rules of checking change. */
const VERSION = 1;
/** Smaller files are read again sooner than an index is looked for. */
const MIN_BYTES = 2 ** 24;
const MAX_INDEX_BYTES = 2 ** 31 - 1;
const HASH_BYTES = 32;

/**
 * @param cache folder of indexes; false keeps none, and undefined is wgrad's own, for files from 16 MiB on
 * @throws FormatError as buildCocoIndex, and where the file changes while it is read
 */
export async function cachedCocoIndex(
  path: string,
  kind: AnnotationKind<unknown>,
  cache: string | false | undefined,
): Promise<StampedIndex> {
  const { size } = await stat(path);
  const stamp = await fileStamp(path);
  const isCached = cache !== false && (cache !== undefined || size >= MIN_BYTES);
  if (!isCached) return { index: await built(), stamp };
  const key = JSON.stringify([VERSION, kind.name, await realpath(path), stamp]);
  const digest = createHash('sha256')
    .update(JSON.stringify([kind.name, await realpath(path)]))
    .digest('hex');
  const file = join(cache ?? join(datasetsFolder(), 'indexes'), `coco-${digest.slice(0, 32)}.index`);
  const kept = await readIndex(file, key, size).catch(() => undefined);
  if (kept) return { index: kept, stamp };
  const index = await built();
  // without it, the next time takes as long as this one
  await writeIndex(file, key, index).catch(() => undefined);
  return { index, stamp };

  async function built(): Promise<CocoIndex> {
    const index = await buildCocoIndex(path, kind);
    await checkStamp(path, stamp);
    return index;
  }
}

/** @throws FormatError where the file is not what was indexed */
export async function checkStamp(path: string, stamp: string): Promise<void> {
  const current = await fileStamp(path).catch(() => undefined);
  if (current !== stamp) throw new FormatError(`${path}: has changed since it was opened`);
}

async function fileStamp(path: string): Promise<string> {
  return `${(await stat(path)).size}/${await stampOf(path)}`;
}

/** SHA-256 of the rest, then key and index. Written aside and renamed: never half. */
async function writeIndex(file: string, key: string, index: CocoIndex): Promise<void> {
  const rest = serialize({ key, index });
  if (rest.length + HASH_BYTES > MAX_INDEX_BYTES) return;
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(part, [hashOf(rest), rest]);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** Undefined for an index of something else, damaged, or forged. */
async function readIndex(file: string, key: string, fileBytes: number): Promise<CocoIndex | undefined> {
  const { bytes } = await readBounded(file, MAX_INDEX_BYTES);
  const rest = bytes.subarray(HASH_BYTES);
  if (hashOf(rest).compare(bytes.subarray(0, HASH_BYTES)) !== 0) return undefined;
  const kept: { key: unknown; index: unknown } = deserialize(rest);
  return kept.key === key && isCocoIndex(kept.index, fileBytes) ? kept.index : undefined;
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

// The index of a large annotation file, kept between runs and for workers.
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { FormatError } from '../../../kernels/errors.ts';
import type { AnnotationKind } from '../../coco/annotationKinds.ts';
import { datasetsFolder } from '../datasetsFolder.ts';
import { stampOf } from '../folders/stampOf.ts';
import { readSealed, writeSealed } from '../sealedFile.ts';
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

async function writeIndex(file: string, key: string, index: CocoIndex): Promise<void> {
  await writeSealed(file, serialize({ key, index }));
}

/** Undefined for an index of something else, damaged, or forged. */
async function readIndex(file: string, key: string, fileBytes: number): Promise<CocoIndex | undefined> {
  const content = await readSealed(file);
  if (!content) return undefined;
  const kept: { key: unknown; index: unknown } = deserialize(content);
  return kept.key === key && isCocoIndex(kept.index, fileBytes) ? kept.index : undefined;
}

// Files that wgrad keeps for itself: the SHA-256 of what follows, then that. One that is damaged or cut short reads as none.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFileByParts } from '../../engine/node/replaceFile.ts';
import { readBounded } from './readBounded.ts';

const HASH_BYTES = 32;
const MAX_BYTES = 2 ** 31 - 1;

/** Written aside and renamed: never half. Nothing is written where 2 GiB do not hold it. */
export async function writeSealed(file: string, content: Uint8Array): Promise<void> {
  if (content.length + HASH_BYTES > MAX_BYTES) return;
  await mkdir(dirname(file), { recursive: true });
  await replaceFileByParts(file, [hashOf(content), content]);
}

/** Undefined where it is damaged. */
export async function readSealed(file: string): Promise<Buffer | undefined> {
  const { bytes } = await readBounded(file, MAX_BYTES);
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(HASH_BYTES);
  return hashOf(content).compare(bytes.subarray(0, HASH_BYTES)) === 0 ? content : undefined;
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

// Checkpoints by path, the index of a sharded one included.
import type { StateDict } from '../hostTensor.ts';
import type { CheckpointFile } from '../serialization/checkpointFile.ts';
import { type CheckpointSource, openCheckpoint as openBytes, readAll } from '../serialization/openCheckpoint.ts';
import { openFile } from './fileSource.ts';
import { openSharded } from './openSharded.ts';

/**
 * Opens a checkpoint of any format, by its path or as browsers do from bytes and blobs. A path that ends in `.index.json`
 * opens all shards of a safetensors checkpoint as one. Close it when done.
 * @throws FormatError when a file is missing, damaged, or of no known format
 */
export async function openCheckpoint(from: string | CheckpointSource): Promise<CheckpointFile> {
  if (typeof from !== 'string') return openBytes(from);
  return from.endsWith('.index.json') ? openSharded(from, openPath) : openPath(from);
}

/** Reads all values of a checkpoint. @throws FormatError as `openCheckpoint` */
export async function loadCheckpoint(from: string | CheckpointSource): Promise<StateDict> {
  const file = await openCheckpoint(from);
  try {
    return await readAll(file);
  } finally {
    await file.close();
  }
}

async function openPath(path: string): Promise<CheckpointFile> {
  const source = await openFile(path);
  try {
    return { ...(await openBytes(source)), close: source.close };
  } catch (error) {
    await source.close();
    throw error;
  }
}

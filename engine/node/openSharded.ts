// Sharded safetensors: `model.safetensors.index.json` says which file of its folder holds which tensor.
// https://huggingface.co/docs/transformers/big_models#sharded-checkpoints
import { basename, dirname, join } from 'node:path';
import { FormatError } from '../../kernels/errors.ts';
import { readChecked } from '../serialization/byteSource.ts';
import type { CheckpointFile, StoredTensor } from '../serialization/checkpointFile.ts';
import { openFile } from './fileSource.ts';

const MAX_INDEX_BYTES = 64 * 2 ** 20;
/** Each is an open file. */
const MAX_SHARDS = 1000;

/**
 * Opens every shard and presents their tensors as one checkpoint, in the index's order.
 * @param open opens a shard
 * @throws FormatError naming the shard that is missing, or the tensor that its shard lacks
 */
export async function openSharded(
  path: string,
  open: (path: string) => Promise<CheckpointFile>,
): Promise<CheckpointFile> {
  const { weightMap, metadata } = await readIndex(path);
  const names = new Set(weightMap.values());
  if (names.size > MAX_SHARDS) throw new FormatError(`${path}: ${names.size} shards; at most ${MAX_SHARDS} are opened`);
  const shards = new Map<string, CheckpointFile>();
  const close = async () => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    for (const name of names) shards.set(name, await openShard(path, name, open));
    const tensors = new Map<string, StoredTensor>();
    for (const [name, shard] of weightMap) {
      const tensor = shards.get(shard)?.tensors.get(name);
      if (!tensor) throw new FormatError(`${path}: '${name}' is not in ${shard}, where the index says it is`);
      tensors.set(name, tensor);
    }
    return { format: 'safetensors', name: path, tensors, wrapper: '', prefix: '', metadata, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openShard(
  index: string,
  name: string,
  open: (path: string) => Promise<CheckpointFile>,
): Promise<CheckpointFile> {
  const isInFolder = name === basename(name) && !name.includes('\\') && name !== '..' && name !== '.' && name !== '';
  if (!isInFolder) {
    throw new FormatError(`${index}: the shard ${JSON.stringify(name)} must be a file of the index's own folder`);
  }
  const shard = await open(join(dirname(index), name)).catch((error: Error) => {
    throw error instanceof FormatError ? new FormatError(`${index}: shard ${name}: ${error.message}`) : error;
  });
  if (shard.format === 'safetensors') return shard;
  await shard.close();
  throw new FormatError(`${index}: shard ${name} is ${shard.format}, expected safetensors`);
}

async function readIndex(
  path: string,
): Promise<{ weightMap: ReadonlyMap<string, string>; metadata: Record<string, unknown> }> {
  await using source = await openFile(path);
  if (source.size > MAX_INDEX_BYTES) {
    throw new FormatError(`${path}: ${source.size} bytes; an index has at most ${MAX_INDEX_BYTES}`);
  }
  const bytes = await readChecked(source, { offset: 0, length: source.size, what: 'the index' });
  const { weight_map: map, metadata } = parsed(path, bytes);
  if (!isRecord(map) || !Object.values(map).every((shard) => typeof shard === 'string')) {
    throw new FormatError(`${path}: weight_map must map names of tensors to names of files`);
  }
  return {
    weightMap: new Map(Object.entries(map as Record<string, string>)),
    metadata: isRecord(metadata) ? metadata : {},
  };
}

function parsed(path: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) ? value : {};
  } catch (error) {
    throw new FormatError(`${path}: the index is no JSON: ${(error as Error).message}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

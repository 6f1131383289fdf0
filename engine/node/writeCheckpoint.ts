// Writes a checkpoint file so that whoever looks sees the old file or the whole new one.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ShapeError } from '../../kernels/errors.ts';
import { streamSafetensors } from '../serialization/streamSafetensors.ts';
import type { TensorsToWrite } from '../serialization/tensorsToWrite.ts';
import { writePth } from '../serialization/writePth.ts';

export type WritableFormat = 'safetensors' | 'pytorch';

export interface WriteCheckpointOptions {
  /** Default: by the path's ending, `.safetensors` or one of `.pth .pt .th .bin .pth.tar`. */
  format?: WritableFormat;
  /** Texts by name. A PyTorch file with some is a dict of `state_dict` and these. Default: none. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes tensors of memory, or of an opened checkpoint one after the other, into one file. It appears under its name
 * when it is complete and on the disk; when that fails nothing is left.
 *
 *     await writeCheckpoint('lenet.pth', await model.stateDict());
 *
 * @returns the bytes written
 * @throws ShapeError for endings that name no format, and for dtypes that PyTorch lacks (`writePth`)
 */
export async function writeCheckpoint(
  path: string,
  tensors: TensorsToWrite,
  { format = formatOf(path), metadata = {} }: WriteCheckpointOptions = {},
): Promise<number> {
  const chunks = { safetensors: streamSafetensors, pytorch: writePth }[format](tensors, { metadata });
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`); // renaming works within a disk only
  const file = await open(temporary, 'wx');
  try {
    const written = await writeAll(file, chunks).finally(() => file.close());
    await rename(temporary, path);
    await syncFolder(folder);
    return written;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The format that a path's ending names. @throws ShapeError when it names none */
export function formatOf(path: string): WritableFormat {
  if (/\.safetensors$/i.test(path)) return 'safetensors';
  if (/\.(pth|pt|th|bin|pth\.tar)$/i.test(path)) return 'pytorch';
  throw new ShapeError(`${path}: this ending names no format; .safetensors, .pth and .pt do`);
}

/** One call writes at most 2 GiB - 1. */
const MAX_WRITE_BYTES = 2 ** 30;

async function writeAll(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, at, Math.min(chunk.length - at, MAX_WRITE_BYTES));
      at += bytesWritten;
    }
    bytes += chunk.length;
  }
  await file.sync();
  return bytes;
}

/** The rename too is to survive a power failure. Windows cannot do this to folders, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

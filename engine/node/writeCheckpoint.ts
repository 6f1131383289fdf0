// Writes a checkpoint file so that whoever looks sees the old file or the whole new one.
import { ShapeError } from '../../kernels/errors.ts';
import { streamSafetensors } from '../serialization/streamSafetensors.ts';
import type { TensorsToWrite } from '../serialization/tensorsToWrite.ts';
import { writePth } from '../serialization/writePth.ts';
import { replaceFileByParts } from './replaceFile.ts';

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
 * @throws ShapeError for endings that name no format, and for dtypes that PyTorch lacks (`writePth`); FileError where
 *   it cannot be written
 */
export async function writeCheckpoint(
  path: string,
  tensors: TensorsToWrite,
  { format = formatOf(path), metadata = {} }: WriteCheckpointOptions = {},
): Promise<number> {
  const chunks = { safetensors: streamSafetensors, pytorch: writePth }[format](tensors, { metadata });
  return replaceFileByParts(path, chunks);
}

/** The format that a path's ending names. @throws ShapeError when it names none */
export function formatOf(path: string): WritableFormat {
  if (/\.safetensors$/i.test(path)) return 'safetensors';
  if (/\.(pth|pt|th|bin|pth\.tar)$/i.test(path)) return 'pytorch';
  throw new ShapeError(`${path}: this ending names no format; .safetensors, .pth and .pt do`);
}

// Writes a safetensors file piece by piece, so that no more than one tensor is in memory.
import { safetensorsHead } from './safetensorsHead.ts';
import { bytesToWrite, type TensorsToWrite } from './tensorsToWrite.ts';

export interface StreamSafetensorsOptions {
  /** Texts by name, the file's `__metadata__`. Default: none. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file, in order: its head, then one piece for each tensor. Every dtype stays as it is.
 * @throws ShapeError for a tensor called `__metadata__`; FormatError when a tensor's bytes do not fit its shape
 */
export async function* streamSafetensors(
  tensors: TensorsToWrite,
  { metadata = {} }: StreamSafetensorsOptions = {},
): AsyncGenerator<Uint8Array> {
  const { head, names } = safetensorsHead(tensors, metadata);
  yield head;
  for (const name of names) yield await bytesToWrite(name, tensors.get(name)!);
}

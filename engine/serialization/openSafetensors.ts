// Safetensors files as checkpoints: the header is read at once, tensors by offset.
import { type ByteSource, readChecked } from './byteSource.ts';
import type { CheckpointFile, StoredTensor } from './checkpointFile.ts';
import { headerLength, LENGTH_BYTES, parseHeader, type SafetensorsEntry } from './parseSafetensors.ts';
import { toHost } from './storedDType.ts';

/** @throws FormatError */
export async function openSafetensors(source: ByteSource): Promise<CheckpointFile> {
  const file = { file: source.name, fileBytes: source.size };
  const length = headerLength(await source.read(0, Math.min(source.size, LENGTH_BYTES)), file);
  const header = await readChecked(source, { offset: LENGTH_BYTES, length, what: 'the header' });
  const { entries, metadata } = parseHeader(header, file);
  return {
    format: 'safetensors',
    name: source.name,
    tensors: new Map(entries.map((entry) => [entry.name, storedTensor(source, entry)])),
    wrapper: '',
    prefix: '',
    metadata,
    close: async () => {},
  };
}

function storedTensor(source: ByteSource, { name, dtype, shape, begin, end }: SafetensorsEntry): StoredTensor {
  const readBytes = () => readChecked(source, { offset: begin, length: end - begin, what: `'${name}'` });
  const read = async () => toHost(dtype, shape, await readBytes(), `${source.name}: '${name}': at byte ${begin}`);
  return { name, dtype, shape, offset: begin, readBytes, read };
}

// PyTorch's format before 1.6: pickles one after the other (magic number, protocol version, system info, the object,
// the keys of its storages), then for each key a count and the raw elements. Found in .pth, .pt, .th and .pth.tar files.
// https://github.com/pytorch/pytorch/blob/v1.13.1/torch/serialization.py, _legacy_save and _legacy_load.
import { FormatError } from '../../../kernels/errors.ts';
import { type ByteSource, readChecked } from '../byteSource.ts';
import type { CheckpointFile } from '../checkpointFile.ts';
import { MoreBytesNeeded } from '../pickle/pickleReader.ts';
import { type PickleWorld, unpickle } from '../pickle/unpickle.ts';
import { elementBytes } from '../storedDType.ts';
import { torchWorld } from './allowList.ts';
import type { StorageData } from './storedView.ts';
import { torchCheckpoint } from './torchCheckpoint.ts';
import { storageOf, type TorchStorage } from './torchTensor.ts';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const MAX_PICKLE_BYTES = 64 * 2 ** 20;

/** @throws FormatError */
export async function openLegacy(source: ByteSource): Promise<CheckpointFile> {
  const storages = new Map<string, TorchStorage>();
  const world: PickleWorld = {
    ...torchWorld,
    persistentLoad: (id, fail) => {
      const storage = storageOf(id, fail);
      const known = storages.get(storage.key) ?? storage;
      if (known.dtype !== storage.dtype || known.elements !== storage.elements) {
        throw fail(`storage '${storage.key}' is described in two ways`);
      }
      storages.set(storage.key, storage);
      return storage;
    },
  };
  let position = 0;
  const next = async (entry: string) => {
    const start = position;
    const { value, end } = await unpickleAt(source, { offset: start, entry }, world);
    position = end;
    return {
      value,
      fail: (message: string) => new FormatError(`${source.name}: ${entry}: at byte ${start}: ${message}`),
    };
  };
  const magic = await next('magic number');
  if (magic.value !== MAGIC) throw magic.fail('a pickle, but none that torch.save wrote: its magic number is missing');
  const protocol = await next('protocol version');
  if (protocol.value !== PROTOCOL)
    throw protocol.fail(`protocol version ${String(protocol.value)}, expected ${PROTOCOL}`);
  await next('system info'); // sizes of C's integers on the writer's machine; the data do not depend on them
  const objectStart = position;
  const { value: root } = await next('object');
  const keys = await next('storage keys');
  if (!Array.isArray(keys.value) || !keys.value.every((key) => typeof key === 'string')) {
    throw keys.fail('expected a list of texts');
  }
  const data = await locate(source, position, { keys: keys.value, storages });
  return torchCheckpoint({
    format: 'pytorch-legacy',
    file: source.name,
    fileBytes: source.size,
    where: `object: at byte ${objectStart}`,
    root,
    storageData: ({ key }) => {
      const found = data.get(key);
      if (!found) throw keys.fail(`storage '${key}' of a tensor is not among the file's ${data.size} storages`);
      return found;
    },
  });
}

/** Unpickles from an offset without knowing the length: reads more of the file as it is needed. */
async function unpickleAt(
  source: ByteSource,
  { offset, entry }: { offset: number; entry: string },
  world: PickleWorld,
): Promise<{ value: unknown; end: number }> {
  const available = source.size - offset;
  const location = { file: source.name, entry, offset, available };
  for (let length = Math.min(available, 2 ** 16); ; ) {
    const bytes = await readChecked(source, { offset, length, what: entry });
    try {
      const { value, end } = unpickle(bytes, location, world);
      return { value, end: offset + end };
    } catch (error) {
      if (!(error instanceof MoreBytesNeeded)) throw error;
      if (error.bytes > MAX_PICKLE_BYTES) {
        throw new FormatError(
          `${source.name}: ${entry}: at byte ${offset}: a pickle of more than ${MAX_PICKLE_BYTES} bytes`,
        );
      }
      length = Math.min(available, Math.max(2 * length, error.bytes));
    }
  }
}

/** Where each storage's elements lie: they follow each other in the order of the keys, each behind its count. */
async function locate(
  source: ByteSource,
  start: number,
  { keys, storages }: { keys: readonly string[]; storages: ReadonlyMap<string, TorchStorage> },
): Promise<ReadonlyMap<string, StorageData>> {
  const data = new Map<string, StorageData>();
  let offset = start;
  for (const key of keys) {
    const entry = `storage ${key}`;
    const fail = (message: string) => new FormatError(`${source.name}: ${entry}: at byte ${offset}: ${message}`);
    const storage = storages.get(key);
    if (!storage) throw fail('no tensor has this storage');
    const bytes = await readChecked(source, { offset, length: 8, what: `the count of ${entry}` });
    const count = Number(new DataView(bytes.buffer).getBigInt64(0, true));
    if (count !== storage.elements) throw fail(`has ${count} elements, its tensors say ${storage.elements}`);
    const size = count * (storage.dtype ? elementBytes(storage.dtype) : 1);
    const begin = offset + 8;
    if (begin + size > source.size) {
      throw fail(`needs ${size} bytes from byte ${begin}, the file ends at byte ${source.size}`);
    }
    const read = (from: number, length: number) => readChecked(source, { offset: begin + from, length, what: entry });
    data.set(key, { entry, offset: begin, size, isPacked: false, read });
    offset = begin + size;
  }
  return data;
}

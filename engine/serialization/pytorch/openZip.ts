// PyTorch's format since 1.6: a zip archive with a pickle (`archive/data.pkl`) and one stored entry per storage
// (`archive/data/0`), https://pytorch.org/docs/stable/notes/serialization.html.
import { FormatError } from '../../../kernels/errors.ts';
import type { ByteSource } from '../byteSource.ts';
import type { CheckpointFile } from '../checkpointFile.ts';
import { unpickle } from '../pickle/unpickle.ts';
import { openZipArchive, type ZipEntry } from '../zipArchive.ts';
import { torchWorld } from './allowList.ts';
import { torchCheckpoint } from './torchCheckpoint.ts';
import { SAVE_STATE_DICT } from './torchTensor.ts';

const MAX_PICKLE_BYTES = 64 * 2 ** 20;

/** @throws FormatError */
export async function openZip(source: ByteSource): Promise<CheckpointFile> {
  const entries = await openZipArchive(source);
  const fail = (entry: ZipEntry, message: string) => new FormatError(`${source.name}: ${placeOf(entry)}: ${message}`);
  const pickle = [...entries.values()].find(({ name }) => /^(?:[^/]*\/)?data\.pkl$/.test(name));
  if (!pickle) {
    const names = [...entries.keys()].slice(0, 4).join(', ');
    throw new FormatError(
      `${source.name}: a zip archive without data.pkl is no PyTorch checkpoint; it has ${names || 'no entries'}`,
    );
  }
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const program = [...entries.values()].find(
    ({ name }) => name === `${root}constants.pkl` || name.startsWith(`${root}code/`),
  );
  if (program) throw fail(program, `a TorchScript program, not weights; ${SAVE_STATE_DICT}`);
  await checkByteOrder(entries.get(`${root}byteorder`), fail);
  if (pickle.size > MAX_PICKLE_BYTES) throw fail(pickle, `${pickle.size} bytes; at most ${MAX_PICKLE_BYTES} are read`);
  const bytes = await pickle.read(0, pickle.size);
  const location = { file: source.name, entry: pickle.name, offset: 0, available: bytes.length };
  return torchCheckpoint({
    format: 'pytorch-zip',
    file: source.name,
    fileBytes: source.size,
    where: placeOf(pickle),
    root: unpickle(bytes, location, torchWorld).value,
    storageData: ({ key }) => {
      const entry = entries.get(`${root}data/${key}`);
      if (!entry) throw fail(pickle, `a tensor's storage '${key}' has no entry ${root}data/${key}`);
      return { ...entry, entry: entry.name };
    },
  });
}

/** Written since 2.1; files without it are little-endian. */
async function checkByteOrder(
  entry: ZipEntry | undefined,
  fail: (entry: ZipEntry, message: string) => FormatError,
): Promise<void> {
  if (!entry) return;
  const order = entry.size < 10 ? new TextDecoder().decode(await entry.read(0, entry.size)) : '';
  if (order !== 'little') throw fail(entry, `byte order ${JSON.stringify(order)}; little-endian files are read`);
}

function placeOf({ name, offset }: ZipEntry): string {
  return `${name}: at byte ${offset}`;
}

// Files inside a .zip, read without unpacking it to the disk.
import crc32 from 'crc-32';
import { openPromise, type ZipFile } from 'yauzl';
import { fileError } from '../../engine/node/fileError.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import { checkIsFile } from './checkIsFile.ts';

/**
 * The entries that `select` gives a key, by it; their `name` is `<archive>: <entry>`.
 * @param select is given each entry's path; paths that leave the archive's folder end the reading
 * @param options.maxEntryBytes a longer entry that is wanted is refused
 * @throws FormatError for a damaged archive, too long an entry, and two entries of the same key; FileError
 *   where it cannot be read
 */
export async function readZip<Key>(
  path: string,
  select: (name: string) => Key | undefined,
  { maxEntryBytes }: { maxEntryBytes: number },
): Promise<Map<Key, NamedBytes>> {
  await checkIsFile(path);
  const found = new Map<Key, NamedBytes>();
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    for await (const entry of zip.eachEntry()) {
      const key = select(entry.fileName);
      if (key === undefined) continue;
      const name = `${path}: ${entry.fileName}`;
      if (found.has(key)) throw new FormatError(`${name}: found a second time`);
      const size = entry.uncompressedSize;
      if (size > maxEntryBytes)
        throw new FormatError(`${name}: found ${size} bytes, expected at most ${maxEntryBytes}`);
      const chunks: Uint8Array[] = [];
      // the stream fails when there is more or less than the size that the directory tells
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
      const bytes = Buffer.concat(chunks);
      if (crc32.buf(bytes) >>> 0 !== entry.crc32)
        throw new FormatError(`${name}: is damaged: its CRC-32 is not the archive's`);
      found.set(key, { name, bytes });
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    if ('syscall' in (error as Error)) throw fileError(path, { doing: 'read' }, error);
    throw new FormatError(`${path}: damaged .zip: ${(error as Error).message}`, { cause: error });
  } finally {
    zip?.close();
  }
  return found;
}

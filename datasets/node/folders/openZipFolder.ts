// One folder of a zip archive as a folder of files, for archives of a few hundred thousand of them.
import { basename } from 'node:path';
import crc32 from 'crc-32';
import { Entry, fromRandomAccessReaderPromise, openPromise } from 'yauzl';
import { FormatError } from '../../../kernels/errors.ts';
import type { NamedBytes } from '../../idx.ts';
import { openBlocks } from './blockReader.ts';

export interface ZipFolder {
  readonly names: ReadonlySet<string>;
  /** @throws FormatError naming archive and file where it is missing or damaged */
  read(name: string): Promise<NamedBytes>;
}

/** What is kept of an entry: yauzl's own has a kilobyte. */
const FIELDS = [
  'relativeOffsetOfLocalHeader',
  'compressedSize',
  'uncompressedSize',
  'compressionMethod',
  'crc32',
  'generalPurposeBitFlag',
] as const;

const MAX_ENTRIES = 2 ** 22;
const ENTRY_BYTES = 46;

/**
 * Reads the archive's directory. The archive is opened for each file anew, so nothing needs closing.
 * @param folder within the archive; files below its subfolders are left out
 * @param options.maxBytes of a file, inflated
 * @throws FormatError for an archive that is damaged, or names files outside itself
 */
export async function openZipFolder(
  archive: string,
  folder: string,
  { maxBytes }: { maxBytes: number },
): Promise<ZipFolder> {
  const fail = (cause: Error): never => {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${archive}: the archive is damaged: ${cause.message}`, { cause });
  };
  const { numbers, rows } = await readDirectory(archive, folder).catch(fail);
  return {
    names: new Set(rows.keys()),
    async read(name) {
      const path = `${archive}/${folder}/${name}`;
      const row = rows.get(name);
      if (row === undefined) throw new FormatError(`${path}: is missing`);
      const entry = new Entry();
      for (const [i, field] of FIELDS.entries()) entry[field] = numbers[row * FIELDS.length + i]!;
      if (entry.uncompressedSize > maxBytes) {
        throw new FormatError(`${path}: found ${entry.uncompressedSize} bytes, expected at most ${maxBytes}`);
      }
      const bytes = await readEntry(archive, entry).catch((cause: Error) => {
        throw new FormatError(`${path}: cannot be read: ${cause.message}`, { cause });
      });
      if (crc32.buf(bytes) >>> 0 !== entry.crc32)
        throw new FormatError(`${path}: is damaged: its CRC-32 is not the archive's`);
      return { name: path, bytes };
    },
  };
}

async function readDirectory(
  archive: string,
  folder: string,
): Promise<{ numbers: Float64Array; rows: Map<string, number> }> {
  const { reader, size } = await openBlocks(archive);
  const zip = await fromRandomAccessReaderPromise(reader, size, { autoClose: true }).catch((error: Error) => {
    reader.close(() => {});
    throw error;
  });
  const prefix = `${folder}/`;
  const rows = new Map<string, number>();
  // each takes up 46 bytes at least, so that a few bytes cannot claim millions
  const most = Math.min(MAX_ENTRIES, Math.floor(size / ENTRY_BYTES));
  if (zip.entryCount > most) {
    zip.close();
    throw new FormatError(`${archive}: found ${zip.entryCount} entries, expected at most ${most}`);
  }
  const numbers = new Float64Array(zip.entryCount * FIELDS.length);
  for await (const entry of zip.eachEntry()) {
    const name = basename(entry.fileName);
    if (entry.fileName !== prefix + name) continue;
    for (const [i, field] of FIELDS.entries()) numbers[rows.size * FIELDS.length + i] = entry[field];
    if (rows.has(name)) throw new FormatError(`${archive}: ${entry.fileName} comes twice`);
    rows.set(name, rows.size);
  }
  return { numbers, rows };
}

async function readEntry(archive: string, entry: Entry): Promise<Uint8Array> {
  const zip = await openPromise(archive, { autoClose: false });
  try {
    const parts: Buffer[] = [];
    // yauzl sees to it that no more than the declared size comes out
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
    return Buffer.concat(parts);
  } finally {
    zip.close();
  }
}

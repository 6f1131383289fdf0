// Files inside a .tar.gz, read as a stream: nothing is unpacked to the disk, and no path of the archive is ever followed.
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { fileError } from '../../engine/node/fileError.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import { checkIsFile } from './checkIsFile.ts';

export interface ArchiveOptions {
  /** A longer entry that is wanted is refused, in bytes. */
  maxEntryBytes: number;
  /** An archive that inflates to more is refused, in bytes: gzip expands up to 1032 times. */
  maxBytes: number;
}

/**
 * The entries that `select` gives a key, by it; their `name` is `<archive>: <entry>`. Reads to the end, as gzip's checksum
 * stands there.
 * @param select is given each entry's path as it stands in the archive
 * @throws FormatError for a damaged archive, one beyond the bounds, and two entries of the same key; FileError
 *   where it cannot be read
 */
export async function readTarGz<Key>(
  path: string,
  select: (name: string) => Key | undefined,
  { maxEntryBytes, maxBytes }: ArchiveOptions,
): Promise<Map<Key, NamedBytes>> {
  await checkIsFile(path);
  const found = new Map<Key, NamedBytes>();
  const entries = extract();
  const flow = pipeline(createReadStream(path), createGunzip(), bounded(path, maxBytes), entries);
  flow.catch(() => {}); // comes out of the loop
  try {
    for await (const entry of entries) {
      const key = select(entry.header.name);
      if (key === undefined) entry.resume();
      else {
        const name = `${path}: ${entry.header.name}`;
        if (found.has(key)) throw new FormatError(`${name}: found a second time`);
        found.set(key, {
          name,
          bytes: await contentOf(entry as AsyncIterable<Uint8Array>, entry.header, { name, maxEntryBytes }),
        });
      }
    }
    await flow;
  } catch (error) {
    if (error instanceof FormatError) throw error;
    if ('syscall' in (error as Error)) throw fileError(path, { doing: 'read' }, error);
    throw new FormatError(`${path}: damaged or truncated .tar.gz: ${(error as Error).message}`, { cause: error });
  }
  return found;
}

async function contentOf(
  entry: AsyncIterable<Uint8Array>,
  { type, size }: Header,
  { name, maxEntryBytes }: { name: string; maxEntryBytes: number },
): Promise<Uint8Array> {
  if (type !== 'file' && type !== 'contiguous-file') throw new FormatError(`${name}: is a ${type}, expected a file`);
  if (size > maxEntryBytes) throw new FormatError(`${name}: found ${size} bytes, expected at most ${maxEntryBytes}`);
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of entry) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function bounded(path: string, maxBytes: number): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      received += chunk.length;
      if (received <= maxBytes) done(null, chunk);
      else done(new FormatError(`${path}: inflates to more than ${maxBytes} bytes`));
    },
  });
}

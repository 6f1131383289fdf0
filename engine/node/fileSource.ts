// A file read by offset.
import { open, stat } from 'node:fs/promises';
import { FormatError } from '../../kernels/errors.ts';
import type { ByteSource } from '../serialization/byteSource.ts';

/** An open file; `close()`, or `await using`, gives its descriptor back. */
export interface FileSource extends ByteSource, AsyncDisposable {
  close(): Promise<void>;
}

/** One call reads at most 2 GiB - 1. */
const MAX_READ_BYTES = 2 ** 30;

/** @throws FormatError when there is no such file, or it cannot be read */
export async function openFile(path: string): Promise<FileSource> {
  const failed = (error: Error) => new FormatError(`${path}: cannot be read: ${error.message}`, { cause: error });
  const refuse = (error: Error) => {
    throw failed(error);
  };
  const stats = await stat(path).catch(refuse);
  if (!stats.isFile()) throw new FormatError(`${path}: is no file`); // opening a pipe would wait for its writer
  const handle = await open(path).catch(refuse);
  const close = () => handle.close();
  return {
    name: path,
    size: stats.size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle
          .read(bytes, done, Math.min(length - done, MAX_READ_BYTES), offset + done)
          .catch(refuse);
        if (bytesRead === 0) return bytes.slice(0, done); // the file was cut after it was opened
        done += bytesRead;
      }
      return bytes;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

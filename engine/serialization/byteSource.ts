// Where a checkpoint's bytes come from, read by offset: a file, memory, a browser's File.
import { FormatError } from '../../kernels/errors.ts';

export interface ByteSource {
  /** Names it in errors: a file's path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes [offset, offset + length), within `size`, in memory of their own: the caller may keep and change them. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that is in memory already. */
export function bytesSource(bytes: Uint8Array, name = 'checkpoint'): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)), // a Buffer's slice() shares
  };
}

/** A Blob, or a File that a browser's user chose. */
export function blobSource(blob: Blob, name = blob instanceof File ? blob.name : 'checkpoint'): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/**
 * Reads after checking that the bytes exist, so that nothing is allocated that a header merely claims.
 * @param what is read, for the error: `the central directory`
 * @throws FormatError when the source ends before
 */
export async function readChecked(
  source: ByteSource,
  { offset, length, what }: { offset: number; length: number; what: string },
): Promise<Uint8Array<ArrayBuffer>> {
  if (offset < 0 || length < 0 || offset + length > source.size) {
    throw new FormatError(
      `${source.name}: at byte ${offset}: ${what} needs ${length} bytes, the file ends at byte ${source.size}`,
    );
  }
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) {
    throw new FormatError(
      `${source.name}: at byte ${offset}: ${what} needs ${length} bytes, only ${bytes.length} could be read`,
    );
  }
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes); // small Buffers share a pool
}

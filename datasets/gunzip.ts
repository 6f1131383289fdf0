// Gzip through the platform's own DecompressionStream (browsers, Node 18 and newer), with a bound on what comes out.

import { FormatError } from '../kernels/errors.ts';
import type { NamedBytes } from './idx.ts';

/** Fed in slices: gzip expands up to 1032 times, and some engines inflate all they are given at once. */
const SLICE_BYTES = 1 << 16;

/**
 * Inflates gzip to at most `maxBytes`. What goes beyond is cut off, or refused, as `overflow` says; either way
 * inflating stops there, so a small file cannot fill the memory.
 * @throws FormatError for damaged, truncated or trailing bytes, and for overflow.
 */
export async function gunzip(
  { name, bytes }: NamedBytes,
  { maxBytes, overflow }: { maxBytes: number; overflow: 'cut' | 'throw' },
): Promise<Uint8Array> {
  const stream = new DecompressionStream('gzip');
  // A failure here surfaces in the reader too.
  feed(stream.writable.getWriter(), bytes).catch(() => {});
  const reader = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= maxBytes) {
    const { done, value } = await reader.read().catch((cause: Error) => {
      throw new FormatError(
        `${name}: gzip data damaged or truncated, after inflating ${length} bytes from ${bytes.length}: ${cause.message}`,
        { cause },
      );
    });
    if (done) return concatenate(chunks, length);
    chunks.push(value);
    length += value.length;
  }
  await reader.cancel();
  if (overflow === 'cut') return concatenate(chunks, maxBytes);
  throw new FormatError(`${name}: gzip data inflates to more than the ${maxBytes} bytes that its header declares`);
}

async function feed(writer: WritableStreamDefaultWriter<BufferSource>, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    await writer.write(bytes.subarray(at, at + SLICE_BYTES) as Uint8Array<ArrayBuffer>);
  }
  await writer.close();
}

/** The first `length` bytes of the chunks, in one array. */
function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk.subarray(0, length - at), at);
    at += Math.min(chunk.length, length - at);
  }
  return joined;
}

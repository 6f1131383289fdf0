// Deflated data of zip archives, by the platform's own decompressor.
import type { FormatError } from '../../kernels/errors.ts';

/**
 * Unpacks raw deflate data. Stops as soon as more than `size` bytes come out, and allocates what came, not what was
 * claimed.
 * @throws FormatError made by `fail` for damaged data, or any other number of bytes
 */
export async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  { size, fail }: { size: number; fail: (message: string) => FormatError },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: Error) => {
      throw fail(`the deflated data are damaged: ${error.message}`);
    });
    if (done) break;
    length += value.length;
    if (length > size) {
      await reader.cancel().catch(() => undefined);
      throw fail(`more than the ${size} bytes it should unpack to`);
    }
    chunks.push(value);
  }
  if (length < size) throw fail(`unpacks to ${length} bytes instead of ${size}`);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

// Deflated data of zip archives, by the platform's own decompressor.
import type { FormatError } from '../../kernels/errors.ts';

/**
 * Bytes [from, from + length) of raw deflate data. Stops as soon as more than `size` bytes come out, and keeps what came
 * of the range, not what was claimed.
 * @throws FormatError made by `fail` for damaged data, or any other number of bytes than `size`
 */
export async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  { size, from, length, fail }: { size: number; from: number; length: number; fail: (message: string) => FormatError },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let passed = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: Error) => {
      throw fail(`the deflated data are damaged: ${error.message}`);
    });
    if (done) break;
    const part = value.subarray(Math.max(0, from - passed), Math.max(0, from + length - passed));
    if (part.length) chunks.push(part);
    passed += value.length;
    if (passed > size) {
      await reader.cancel().catch(() => undefined);
      throw fail(`more than the ${size} bytes it should unpack to`);
    }
  }
  if (passed < size) throw fail(`unpacks to ${passed} bytes instead of ${size}`);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

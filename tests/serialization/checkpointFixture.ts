// The small checkpoints that tests/fixtures/checkpoints.py made, and a source that watches how it is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteSource } from '../../engine/serialization/byteSource.ts';

interface ExpectedTensor {
  dtype: string;
  shape: number[];
  /** As float32 or integers; infinities and int64 as texts. */
  values: (number | string)[];
}

interface Fixture {
  files: Record<
    string,
    {
      base64: string;
      format: string;
      wrapper: string;
      prefix: string;
      metadata: Record<string, unknown>;
      tensors: Record<string, ExpectedTensor>;
    }
  >;
  refused: Record<string, { base64: string; words: string[] }>;
  /** Of real files: sums and absolute sums of some tensors. */
  real: Record<string, { count: number; elements: number; sums: Record<string, [sum: number, absolute: number]> }>;
}

export const fixture: Fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'checkpoints.json'), 'utf8'),
);

export function fileBytes(name: string): Uint8Array {
  const { base64 } = fixture.files[name] ?? fixture.refused[name];
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** Refuses reads beyond its end, and counts what is read. */
export function watchedSource(bytes: Uint8Array, name = 'a.pth'): ByteSource & { readonly bytesRead: number } {
  let bytesRead = 0;
  return {
    name,
    size: bytes.length,
    get bytesRead() {
      return bytesRead;
    },
    read: async (offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
        throw new RangeError(`read of ${length} bytes at ${offset} of ${bytes.length}`);
      }
      bytesRead += length;
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}

// Millions of short strings without a million objects: one array of UTF-8, and where each string ends in it.
import { FormatError } from '../kernels/errors.ts';

export interface PackedStrings {
  readonly count: number;
  /** Every string followed by a zero byte. */
  readonly bytes: Uint8Array;
  get(index: number): string;
}

/** @throws FormatError naming `name`, for bytes that do not end with a zero or are more than 4 GiB */
export function packedStrings(name: string, bytes: Uint8Array): PackedStrings {
  if (bytes.length > 2 ** 32 - 1)
    throw new FormatError(`${name}: found ${bytes.length} bytes of names, expected < 2^32`);
  if (bytes.length > 0 && bytes.at(-1) !== 0) throw new FormatError(`${name}: the last name is cut off`);
  const ends = endsIn(bytes);
  const decoder = new TextDecoder();
  return {
    count: ends.length,
    bytes,
    get: (index) => decoder.decode(bytes.subarray(index === 0 ? 0 : ends[index - 1]! + 1, ends[index])),
  };
}

/** Where the zeros are. */
function endsIn(bytes: Uint8Array): Uint32Array {
  let count = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) count++;
  const ends = new Uint32Array(count);
  for (let i = 0, at = -1; i < count; i++) {
    at = bytes.indexOf(0, at + 1);
    ends[i] = at;
  }
  return ends;
}

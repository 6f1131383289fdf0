// A cursor over a pickle's bytes. No length is believed before the bytes are known to exist.
import { FormatError } from '../../../kernels/errors.ts';
import { latin1Text } from './latin1.ts';

export interface PickleLocation {
  readonly file: string;
  /** Which part of the file: `archive/data.pkl`. */
  readonly entry: string;
  /** Added to positions in errors. */
  readonly offset: number;
  /** Bytes up to the end of what there is; at hand may be fewer. */
  readonly available: number;
}

/** The bytes at hand end before the pickle does, but the file goes on: come again with at least `bytes`. */
export class MoreBytesNeeded extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`${bytes} bytes of the pickle are needed`);
    this.bytes = bytes;
  }
}

const MAX_LINE_BYTES = 1024;
/** Of integers; beyond this, converting them would take long. */
const MAX_INTEGER_BYTES = 1024;

export class PickleReader {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #location: PickleLocation;

  constructor(bytes: Uint8Array, location: PickleLocation) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#location = location;
  }

  fail(message: string, position = this.position): FormatError {
    const { file, entry, offset } = this.#location;
    return new FormatError(`${file}: ${entry}: at byte ${offset + position}: ${message}`);
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }
  float64(): number {
    return this.#view.getFloat64(this.#skip(8)); // the one big-endian number of the format
  }

  /** A length in 8 bytes. */
  uint64(): number {
    const position = this.#skip(8);
    const length = Number(this.#view.getBigUint64(position, true));
    if (length > this.#location.available) throw this.#tooLong(length, position);
    return length;
  }

  take(length: number): Uint8Array {
    const position = this.#skip(length);
    return this.#bytes.subarray(position, position + length);
  }

  /** Two's complement, little-endian: a number where it is safe, else a bigint. */
  integer(length: number): number | bigint {
    if (length > MAX_INTEGER_BYTES)
      throw this.fail(`an integer of ${length} bytes; at most ${MAX_INTEGER_BYTES} are read`);
    const bytes = this.take(length);
    if (!length) return 0;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).reverse();
    const value = BigInt.asIntN(8 * length, BigInt(`0x${hex.join('')}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** UTF-8. */
  text(length: number): string {
    const position = this.position;
    const bytes = this.take(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.fail('a text that is no UTF-8', position);
    }
  }

  /** Python 2's bytes-or-text, byte for byte. */
  latin1(length: number): string {
    return latin1Text(this.take(length));
  }

  /** Up to the next newline, which is consumed. */
  line(): string {
    const start = this.position;
    while (this.uint8() !== 0x0a) {
      if (this.position - start > MAX_LINE_BYTES) throw this.fail(`a line of more than ${MAX_LINE_BYTES} bytes`, start);
    }
    const length = this.position - start - 1;
    this.position = start;
    const text = this.text(length);
    this.position++;
    return text;
  }

  #skip(length: number): number {
    const position = this.position;
    if (position + length > this.#bytes.length) {
      if (position + length > this.#location.available) throw this.#tooLong(length, position);
      throw new MoreBytesNeeded(position + length);
    }
    this.position += length;
    return position;
  }

  #tooLong(length: number, position: number): FormatError {
    const left = this.#location.available - position;
    return this.fail(`the pickle needs ${length} more bytes here, ${left} are left`, position);
  }
}

// MATLAB's level 5 files, as far as ImageNet's meta.mat needs: structs, text and numbers, compressed or not.
// https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf

import { inflateSync } from 'node:zlib';
import { FormatError } from '../../../kernels/errors.ts';
import type { NamedBytes } from '../../idx.ts';

/** A variable: text, numbers in column order, or the elements of a struct array; null for what is none of them. */
export type MatValue = string | readonly number[] | readonly MatStruct[] | null;

export type MatStruct = ReadonlyMap<string, MatValue>;

const HEADER_BYTES = 128;
/** Of all compressed variables together, inflated: meta.mat has 1 MB, and deflate packs a thousand to one. */
const MAX_INFLATED = 2 ** 23;
const MAX_DEPTH = 16;
/** Of a struct: meta.mat has 8. */
const MAX_FIELDS = 1024;

/** Types of data elements. */
const MATRIX = 14;
const COMPRESSED = 15;
const NUMBERS: Readonly<Record<number, { size: number; read(view: DataView, at: number, little: boolean): number }>> = {
  1: { size: 1, read: (view, at) => view.getInt8(at) },
  2: { size: 1, read: (view, at) => view.getUint8(at) },
  3: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  4: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  5: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  6: { size: 4, read: (view, at, little) => view.getUint32(at, little) },
  7: { size: 4, read: (view, at, little) => view.getFloat32(at, little) },
  9: { size: 8, read: (view, at, little) => view.getFloat64(at, little) },
  12: { size: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  13: { size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};
const UTF = { 16: 'utf-8', 17: 'utf-16' } as const;

/** Classes of arrays. */
const STRUCT = 2;
const TEXT = 4;
const FIRST_NUMERIC = 6;
const LAST_NUMERIC = 15;

/**
 * The variables of a file by name.
 * @throws FormatError naming the file and the byte where it is damaged
 */
export function readMat({ name, bytes }: NamedBytes): Map<string, MatValue> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = bytes.length < HEADER_BYTES ? '' : String.fromCharCode(bytes[126]!, bytes[127]!);
  if (mark !== 'IM' && mark !== 'MI') throw new FormatError(`${name}: this is no MATLAB file of level 5`);
  const little = mark === 'IM';
  const major = view.getUint16(124, little) >> 8;
  if (major !== 1) throw new FormatError(`${name}: at byte 124: found version ${major}, expected 1 (MATLAB 5 to 7)`);
  const variables = new Map<string, MatValue>();
  const reader = new Reader(name, bytes, little);
  let left = MAX_INFLATED;
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const element = reader.element(at, bytes.length);
    if (element.type === COMPRESSED) {
      const data = inflate(name, { at, data: reader.dataOf(element), maxBytes: left });
      left -= data.length;
      const inner = new Reader(`${name}, compressed at byte ${at}`, data, little);
      add(inner, inner.element(0, inner.length));
    } else if (element.type === MATRIX) add(reader, element);
    at = element.type === COMPRESSED ? element.end : element.next;
  }
  return variables;

  function add(from: Reader, element: Element): void {
    const { name: variable, value } = from.matrix(element, 0);
    variables.set(variable, value);
  }
}

function inflate(name: string, { at, data, maxBytes }: { at: number; data: Uint8Array; maxBytes: number }): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: Math.max(maxBytes, 1) });
  } catch (cause) {
    throw new FormatError(`${name}: at byte ${at}: the compressed variable is damaged: ${(cause as Error).message}`, {
      cause,
    });
  }
}

interface Element {
  readonly type: number;
  readonly start: number;
  readonly end: number;
  /** Where the next one begins: all but compressed ones are padded to 8 bytes. */
  readonly next: number;
}

class Reader {
  readonly length: number;
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(name: string, bytes: Uint8Array, little: boolean) {
    this.length = bytes.length;
    this.#name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#little = little;
  }

  dataOf({ start, end }: Element): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  element(at: number, limit: number): Element {
    if (at + 8 > limit) this.#fail(at, 'the end of the data', 'an element: truncated');
    const first = this.#view.getUint32(at, this.#little);
    // up to four bytes of data stand in the tag itself
    if (first >>> 16 !== 0) {
      const size = first >>> 16;
      if (size > 4) this.#fail(at, `a small element of ${size} bytes`, 'at most 4');
      return { type: first & 0xffff, start: at + 4, end: at + 4 + size, next: at + 8 };
    }
    const size = this.#view.getUint32(at + 4, this.#little);
    const end = at + 8 + size;
    if (end > limit) this.#fail(at, `an element of ${size} bytes`, `at most ${limit - at - 8}: truncated`);
    return { type: first, start: at + 8, end, next: Math.min(at + 8 + Math.ceil(size / 8) * 8, limit) };
  }

  matrix(element: Element, depth: number): { name: string; value: MatValue } {
    const { type, start, end } = element;
    if (type !== MATRIX) this.#fail(start, `an element of type ${type}`, `a matrix (${MATRIX})`);
    if (start === end) return { name: '', value: null }; // an empty field
    if (depth > MAX_DEPTH) this.#fail(start, `structs within ${depth} others`, `at most ${MAX_DEPTH}`);
    const flags = this.element(start, end);
    const dimensions = this.element(flags.next, end);
    const name = this.element(dimensions.next, end);
    const kind = (this.#numbers(flags)[0] ?? 0) & 0xff;
    const count = this.#numbers(dimensions).reduce((product, size) => product * size, 1);
    const value = this.#value(kind, { at: name.next, end, count, depth });
    return { name: this.#text(name), value };
  }

  #value(kind: number, { at, end, count, depth }: Contents): MatValue {
    if (kind === STRUCT) return this.#structs({ at, end, count, depth });
    if (kind === TEXT) return count === 0 ? '' : this.#text(this.element(at, end));
    if (kind < FIRST_NUMERIC || kind > LAST_NUMERIC) return null;
    return count === 0 ? [] : this.#numbers(this.element(at, end));
  }

  #structs({ at, end, count, depth }: Contents): MatStruct[] {
    const width = this.element(at, end);
    const names = this.element(width.next, end);
    const size = this.#numbers(width)[0] ?? 0;
    if (!(size > 0)) this.#fail(at, `field names of ${size} bytes`, 'at least one');
    const fields: string[] = [];
    const wanted = Math.floor((names.end - names.start) / size);
    if (wanted > MAX_FIELDS) this.#fail(at, `${wanted} fields`, `at most ${MAX_FIELDS}`);
    for (let from = names.start; from + size <= names.end; from += size) {
      fields.push(latin1(this.#bytes.subarray(from, from + size)).replace(/\0.*$/s, ''));
    }
    // every field of every element has a tag of 8 bytes
    if (!(count >= 0 && count * Math.max(fields.length, 1) * 8 <= end - names.next)) {
      this.#fail(at, `${count} elements of ${fields.length} fields`, `what ${end - names.next} bytes hold`);
    }
    let next = names.next;
    return Array.from({ length: count }, () => {
      const values = fields.map((field) => {
        const element = this.element(next, end);
        next = element.next;
        return [field, this.matrix(element, depth + 1).value] as const;
      });
      return new Map(values);
    });
  }

  #numbers(element: Element): number[] {
    const number = NUMBERS[element.type];
    if (!number) return this.#fail(element.start, `an element of type ${element.type}`, 'numbers');
    const count = Math.floor((element.end - element.start) / number.size);
    const values = new Array<number>(count);
    for (let i = 0, at = element.start; i < count; i++, at += number.size) {
      values[i] = number.read(this.#view, at, this.#little);
    }
    return values;
  }

  #text(element: Element): string {
    const encoding = UTF[element.type as keyof typeof UTF];
    if (encoding === 'utf-8') return new TextDecoder().decode(this.dataOf(element));
    if (encoding) return new TextDecoder(this.#little ? 'utf-16le' : 'utf-16be').decode(this.dataOf(element));
    let text = '';
    for (const code of this.#numbers(element)) text += String.fromCharCode(code);
    return text;
  }

  #fail(at: number, found: string, expected: string): never {
    throw new FormatError(`${this.#name}: at byte ${at}: found ${found}, expected ${expected}`);
  }
}

interface Contents {
  readonly at: number;
  readonly end: number;
  readonly count: number;
  readonly depth: number;
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

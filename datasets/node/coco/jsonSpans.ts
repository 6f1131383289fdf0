// Where the records of a large JSON file lie. Files of hundreds of megabytes fit into no string, and parsers of streams
// tell no offsets; so this only follows braces and quotes, and whoever reads a record has JSON.parse check it.
import type { FileHandle } from 'node:fs/promises';
import { FormatError } from '../../../kernels/errors.ts';

/** Bytes of records, in the order of the file. */
export interface Spans {
  readonly count: number;
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
}

export interface SpanOptions {
  /** Names of the arrays that are wanted. */
  readonly keys: readonly string[];
  readonly maxRecordBytes?: number;
  readonly maxRecords?: number;
}

const CHUNK_BYTES = 2 ** 20;
/** Longer records are refused: the longest of COCO has a few hundred thousand. */
export const MAX_RECORD_BYTES = 2 ** 24;
const MAX_DEPTH = 64;
const MAX_KEY_BYTES = 256;

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What may come next; `value` is one that is passed over, `record` an element of a wanted array. */
type State =
  | 'start'
  | 'first key'
  | 'key'
  | 'in key'
  | 'colon'
  | 'value'
  | 'in value'
  | 'after value'
  | 'first record'
  | 'record'
  | 'in record'
  | 'after record'
  | 'end';

/**
 * The elements of arrays that stand directly in the file's outer object.
 * @param name of the file, for messages
 * @returns for each key that was found where its records lie
 * @throws FormatError with the byte offset for what is no such JSON, ends early, or has too many, too large or too
 *   deeply nested records
 */
export async function jsonSpans(
  file: FileHandle,
  name: string,
  { keys, maxRecordBytes = MAX_RECORD_BYTES, maxRecords = 16_000_000 }: SpanOptions,
): Promise<ReadonlyMap<string, Spans>> {
  const found = new Map<string, SpanList>();
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let state = 'start' as State;
  let list = new SpanList();
  let [key, depth, start, at] = ['', 0, 0, 0];
  let [isInString, isEscaped] = [false, false];
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) break;
    for (let i = 0; i < bytesRead; i++, at++) step(buffer[i]!);
  }
  if (state !== 'end') refuse('the file ends here', 'more: it is cut short');
  return found;

  function step(byte: number): void {
    // nearly all bytes are inside of records and of what is passed over
    if (state === 'in record' || state === 'in value') {
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) isInString = true;
      else if (byte === BRACE || byte === BRACKET) {
        if (++depth > MAX_DEPTH) refuse('brackets nested more deeply than 64', 'a record of COCO');
      } else if ((byte === BRACE_END || byte === BRACKET_END) && depth > 0) {
        depth--;
        if (depth === 0 && state === 'in record') endRecord();
      } else if (depth === 0 && (byte === COMMA || byte === BRACE_END)) {
        state = byte === COMMA ? 'key' : 'end';
      }
      return;
    }
    if (state === 'in key') {
      if (byte !== QUOTE) key += String.fromCharCode(byte);
      else state = 'colon';
      if (key.length > MAX_KEY_BYTES) refuse('a name of more than 256 bytes', 'a name of COCO');
      return;
    }
    const isByteOrderMark = state === 'start' && at < 3 && byte >= 0xbb;
    if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || isByteOrderMark) return;
    between(byte);
  }

  function between(byte: number): void {
    switch (state) {
      case 'start':
        if (byte !== BRACE) refuse(shown(byte), "'{'");
        state = 'first key';
        return;
      case 'first key':
      case 'key':
        if (byte === BRACE_END && state === 'first key') state = 'end';
        else if (byte === QUOTE) [state, key] = ['in key', ''];
        else refuse(shown(byte), 'a name in quotes');
        return;
      case 'colon':
        if (byte !== COLON) refuse(shown(byte), "':'");
        state = 'value';
        return;
      case 'value':
        beginValue(byte);
        return;
      case 'first record':
      case 'record':
        if (byte === BRACKET_END && state === 'first record') state = 'after value';
        else if (byte === BRACE) [state, depth, start] = ['in record', 1, at];
        else refuse(shown(byte), `a record of ${key} in braces`);
        return;
      case 'after record':
        if (byte === COMMA) state = 'record';
        else if (byte === BRACKET_END) state = 'after value';
        else refuse(shown(byte), `',' or ']' after a record of ${key}`);
        return;
      case 'after value':
        if (byte === COMMA) state = 'key';
        else if (byte === BRACE_END) state = 'end';
        else refuse(shown(byte), "',' or '}'");
        return;
      default:
        refuse(shown(byte), 'the end of the file');
    }
  }

  function beginValue(byte: number): void {
    if (!keys.includes(key)) {
      state = 'in value';
      [depth, isInString] = [0, false];
      if (byte === COMMA || byte === BRACE_END) refuse(shown(byte), `a value of ${key}`);
      step(byte);
      return;
    }
    if (byte !== BRACKET) refuse(shown(byte), `a list of ${key}`);
    if (found.has(key)) refuse(`a second list of ${key}`, 'one');
    list = new SpanList();
    found.set(key, list);
    state = 'first record';
  }

  function endRecord(): void {
    const length = at + 1 - start;
    if (length > maxRecordBytes) refuse(`a record of ${length} bytes`, `at most ${maxRecordBytes}`);
    if (list.count === maxRecords) refuse(`more than ${maxRecords} records of ${key}`, 'fewer');
    list.add(start, length);
    state = 'after record';
  }

  function refuse(what: string, expected: string): never {
    throw new FormatError(`${name}: at byte ${at}: found ${what}, expected ${expected}`);
  }
}

function shown(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte ${byte}`;
}

/** Grows as it is added to. */
class SpanList implements Spans {
  count = 0;
  offsets = new Float64Array(1024);
  lengths = new Uint32Array(1024);

  add(offset: number, length: number): void {
    if (this.count === this.offsets.length) {
      const { offsets, lengths } = this;
      this.offsets = new Float64Array(2 * this.count);
      this.lengths = new Uint32Array(2 * this.count);
      this.offsets.set(offsets);
      this.lengths.set(lengths);
    }
    this.offsets[this.count] = offset;
    this.lengths[this.count] = length;
    this.count++;
  }
}

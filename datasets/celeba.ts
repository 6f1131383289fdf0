// CelebA's text files: a row of integers for each picture. Liu et al. 2015, https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
import { FormatError } from '../kernels/errors.ts';
import type { NamedBytes } from './idx.ts';
import type { BadRecord } from './imageDataset.ts';

/** Where a file's columns begin and what they may hold. */
export interface CelebATableKind {
  readonly file: string;
  /** Whether a line with the number of rows and one with the names of the columns come first. */
  readonly hasHeader: boolean;
  readonly columns: number;
  /** Whether a value may stand there. */
  readonly takes: (value: number) => boolean;
  /** What may, in words. */
  readonly expected: string;
}

const MAX_COORDINATE = 2 ** 16;

export const CELEBA_TABLES = {
  partition: table('list_eval_partition.txt', { columns: 1, low: 0, high: 2 }),
  attr: {
    ...table('list_attr_celeba.txt', { columns: 40, low: -1, high: 1, hasHeader: true }),
    takes: (value: number) => value === 1 || value === -1,
    expected: '1 or -1',
  },
  identity: table('identity_CelebA.txt', { columns: 1, low: 1, high: 2 ** 31 - 1 }),
  // a box of the picture in the wild, not of the aligned one
  bbox: table('list_bbox_celeba.txt', { columns: 4, low: -MAX_COORDINATE, high: MAX_COORDINATE, hasHeader: true }),
  landmarks: table('list_landmarks_align_celeba.txt', {
    columns: 10,
    low: -MAX_COORDINATE,
    high: MAX_COORDINATE,
    hasHeader: true,
  }),
} as const satisfies Record<string, CelebATableKind>;

export interface CelebATable {
  /** Names of the columns; empty where the file has none. */
  readonly header: readonly string[];
  /** Names of the pictures, in the file's order. */
  readonly names: readonly string[];
  /** [rows, columns], row-major. */
  readonly values: Int32Array;
  /** Row by name. */
  readonly rows: ReadonlyMap<string, number>;
  readonly bad: readonly BadRecord[];
}

/** CelebA has 202,599. */
const MAX_ROWS = 2 ** 22;
/** The longest, the header of the attributes, has 510 characters. */
const MAX_LINE = 2 ** 14;

/**
 * Reads a file of any number of rows. Columns are separated by one or more spaces.
 * @param options.skipBad leaves out bad rows, and lists them and a wrong count in `bad`
 * @throws FormatError naming the line that is bad: other columns, values out of range, a name that is a path or twice
 */
export function readCelebATable(
  { name: file, bytes }: NamedBytes,
  { hasHeader, columns, takes, expected }: CelebATableKind,
  { skipBad = false } = {},
): CelebATable {
  checkLines(file, bytes);
  const lines = new TextDecoder().decode(bytes).split('\n');
  const first = hasHeader ? 2 : 0;
  while (lines.length > first && lines.at(-1)!.trim() === '') lines.pop();
  const found = lines.length - first;
  const bad: BadRecord[] = [];
  const report = (line: number, reason: string): void => {
    const record = `${file}, line ${line + 1}`;
    if (!skipBad) throw new FormatError(`${record}: ${reason}`);
    bad.push({ record, reason });
  };
  if (found < 1 || found > MAX_ROWS) throw new FormatError(`${file}: found ${Math.max(found, 0)} rows`);
  if (hasHeader && lines[0]!.trim() !== String(found)) {
    report(0, `found the count '${lines[0]!.trim().slice(0, 20)}', but ${found} rows`);
  }
  const header = hasHeader ? words(lines[1]!).filter((word) => word !== 'image_id') : [];
  if (hasHeader && header.length !== columns) {
    throw new FormatError(`${file}, line 2: found ${header.length} names of columns, expected ${columns}`);
  }
  const names: string[] = [];
  const values = new Int32Array(found * columns);
  const rows = new Map<string, number>();
  for (let line = first; line < lines.length; line++) {
    const reason = readRow(lines[line]!);
    if (reason) report(line, reason);
  }
  return { header, names, values: values.subarray(0, names.length * columns), rows, bad };

  /** Appends the row, or says why not. */
  function readRow(text: string): string | undefined {
    const [name = '', ...row] = words(text);
    if (!isFileName(name)) return `found the name '${name.slice(0, 40)}', expected a file name such as 000001.jpg`;
    if (rows.has(name)) return `${name} comes twice`;
    if (row.length !== columns) return `found ${row.length} values, expected ${columns}`;
    const at = names.length * columns;
    for (const [column, word] of row.entries()) {
      const value = /^[-+]?\d{1,10}$/.test(word) ? Number(word) : Number.NaN;
      if (!takes(value)) {
        return `found ${word.slice(0, 20)} as ${header[column] ?? `value ${column + 1}`}, expected ${expected}`;
      }
      values[at + column] = value;
    }
    rows.set(name, names.length);
    names.push(name);
    return undefined;
  }
}

/** @throws FormatError for more lines than fit into memory, or longer ones, before they are taken apart */
function checkLines(file: string, bytes: Uint8Array): void {
  let lines = 0;
  for (let start = 0; start < bytes.length; lines++) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    if (end - start > MAX_LINE) {
      throw new FormatError(`${file}, line ${lines + 1}: found ${end - start} bytes, expected at most ${MAX_LINE}`);
    }
    if (lines > MAX_ROWS + 2) throw new FormatError(`${file}: found more than ${MAX_ROWS} rows`);
    start = end + 1;
  }
}

function table(
  file: string,
  { columns, low, high, hasHeader = false }: { columns: number; low: number; high: number; hasHeader?: boolean },
): CelebATableKind {
  const takes = (value: number): boolean => value >= low && value <= high;
  return { file, columns, hasHeader, takes, expected: `${low} to ${high}` };
}

function words(line: string): string[] {
  const text = line.trim();
  return text === '' ? [] : text.split(/\s+/);
}

function isFileName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\:\0]/.test(name);
}

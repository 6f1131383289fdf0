// metrics.jsonl: what a run measured, one JSON object a line, readable by anything while the run is still going.
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { shown } from '../../datasets/shown.ts';
import { onDisk } from '../../engine/node/fileError.ts';
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { MetricRow } from '../report/metricRow.ts';

export interface MetricsFile {
  rows: MetricRow[];
  /** The text of a last line that was cut in the middle (crash, full disk), if there is one. */
  cutLine?: string;
}

/** Largest metrics.jsonl that is read: about two million steps. */
const MAX_BYTES = 256 * 2 ** 20;

const FIELDS: Record<string, { integers: string[]; numbers: string[]; optional: string[] }> = {
  step: { integers: ['step', 'epoch'], numbers: ['loss', 'lr', 'seconds'], optional: [] },
  epoch: {
    integers: ['step', 'epoch'],
    numbers: ['trainLoss', 'testLoss', 'testAccuracy', 'imagesPerSecond', 'seconds'],
    optional: ['trainAccuracy'],
  },
};

/** The metrics.jsonl of a run. Nothing is kept in memory or open: a run that is killed loses no finished row. */
export class MetricsLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Adds one row with one write, so that a reader sees whole lines and a crash can only cut the last one. */
  append(row: MetricRow): void {
    onDisk(this.path, { doing: 'written' }, () => appendFileSync(this.path, toLine(row)));
  }

  /**
   * All rows, none when there is no file yet. A cut last line is reported, not thrown.
   * @throws FormatError naming file and line for any other line that is no MetricRow
   */
  read(): MetricsFile {
    if (!existsSync(this.path)) return { rows: [] };
    const stats = statSync(this.path);
    if (!stats.isFile()) throw new FormatError(`${this.path}: is no file`); // reading a pipe would wait for its writer
    const { size } = stats;
    if (size > MAX_BYTES) throw new FormatError(`${this.path}: ${size} bytes, expected at most ${MAX_BYTES}`);
    const lines = readFileSync(this.path, 'utf8').split('\n');
    const last = lines.pop()!;
    const rows = lines.map((line, index) => parseRow(line, `${this.path}: line ${index + 1}`));
    if (last === '') return { rows };
    try {
      return { rows: [...rows, parseRow(last, this.path)] };
    } catch {
      return { rows, cutLine: last };
    }
  }

  /**
   * Drops every row after `step`, and a cut last line: call it before a run resumes from the checkpoint of that step,
   * so that no row is there twice. Write an epoch's row before its checkpoint, and the two agree after any crash.
   * @param options.epoch finished epochs: a checkpoint of an epoch's last step can be older than the epoch's row. Default:
   *   all up to `step`
   * @returns the rows that stay
   */
  truncateAfter(step: number, { epoch = Number.POSITIVE_INFINITY }: { epoch?: number } = {}): MetricRow[] {
    const { rows: all } = this.read();
    const rows = all.filter((row) => row.step <= step && (row.kind === 'step' || row.epoch <= epoch));
    replaceFile(this.path, rows.map(toLine).join(''));
    return rows;
  }
}

function toLine(row: MetricRow): string {
  return `${JSON.stringify(row)}\n`;
}

function parseRow(line: string, where: string): MetricRow {
  const row = parseObject(line, where);
  const { kind } = row;
  const fields = typeof kind === 'string' && Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined;
  if (!fields) {
    throw new FormatError(`${where}: kind must be "step" or "epoch", got ${shown(kind, 'nothing')}`);
  }
  for (const name of fields.integers) {
    if (!Number.isSafeInteger(row[name]) || Number(row[name]) < 0) throw badField(where, name, row[name], 'a count');
  }
  const numbers = fields.numbers.concat(fields.optional.filter((name) => name in row));
  for (const name of numbers) {
    // JSON has no NaN: a diverged loss is written as null
    if (row[name] === null) row[name] = Number.NaN;
    if (typeof row[name] !== 'number') throw badField(where, name, row[name], 'a number or null');
  }
  if (row.kind === 'epoch' && !['test', 'validation', undefined].includes(row.split as string | undefined)) {
    throw badField(where, 'split', row.split, '"test", "validation" or left out');
  }
  return row as unknown as MetricRow;
}

function parseObject(line: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // falls through to the same message: text that is no JSON and JSON that is no object read alike
  }
  throw new FormatError(`${where}: expected a JSON object, got ${JSON.stringify(line.slice(0, 60))}`);
}

function badField(where: string, name: string, value: unknown, expected: string): FormatError {
  return new FormatError(`${where}: ${name} must be ${expected}, got ${shown(value, 'nothing')}`);
}

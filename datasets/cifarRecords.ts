// What the files of both CIFAR layouts come down to: records of labels and 3072 planar pixel bytes.
import { FormatError } from '../kernels/errors.ts';
import type { NamedBytes } from './idx.ts';
import type { BadRecord, OpenOptions } from './imageDataset.ts';

/** Red, then green, then blue, row by row. */
export const PIXEL_BYTES = 3 * 32 * 32;

/** One file, its length and shapes checked, its labels not yet. */
export interface CifarFile {
  readonly count: number;
  /** As it stands there: any value at all. */
  label(record: number, column: number): unknown;
  pixels(record: number): Uint8Array;
  /** The record's place, for errors: the file, the record (from 0), and where in it the label stands. */
  where(record: number, column: number): string;
  /** A record that is cut off at the end of the file. */
  readonly cutOff?: BadRecord;
}

/** A label byte for each of `columns`, then the pixels. @throws FormatError for an empty file */
export function binaryFile({ name, bytes }: NamedBytes, columns: number): CifarFile {
  const recordBytes = columns + PIXEL_BYTES;
  const count = Math.floor(bytes.length / recordBytes);
  if (bytes.length === 0)
    throw new FormatError(`${name}: at byte 0: the file is empty, expected records of ${recordBytes} bytes`);
  return {
    count,
    label: (record, column) => bytes[record * recordBytes + column],
    pixels: (record) => bytes.subarray(record * recordBytes + columns, (record + 1) * recordBytes),
    where: (record, column) => `${name}: record ${record}, at byte ${record * recordBytes + column}`,
    ...(bytes.length % recordBytes !== 0 && {
      cutOff: {
        record: `${name}: record ${count}, at byte ${bytes.length}`,
        reason: `the file is truncated: found ${bytes.length} bytes in all, expected a multiple of ${recordBytes}`,
      },
    }),
  };
}

export interface CifarColumns {
  readonly count: number;
  readonly images: Uint8Array;
  /** [column][record] */
  readonly labels: Uint8Array[];
  readonly bad: readonly BadRecord[];
}

/**
 * The records of all files, in order.
 * @param limits how many classes each column of labels knows
 * @throws FormatError at the first bad record, unless `skipBad`; where no record is good
 */
export function collectRecords(
  files: readonly CifarFile[],
  limits: readonly number[],
  { skipBad = false }: OpenOptions,
): CifarColumns {
  const total = files.reduce((sum, { count }) => sum + count, 0);
  const images = new Uint8Array(total * PIXEL_BYTES);
  const labels = limits.map(() => new Uint8Array(total));
  const bad: BadRecord[] = [];
  let count = 0;
  const report = (record: BadRecord) => {
    if (!skipBad) throw new FormatError(`${record.record}: ${record.reason}`);
    bad.push(record);
  };
  for (const file of files) {
    if (file.cutOff) report(file.cutOff);
    for (let record = 0; record < file.count; record++) {
      const wrong = limits.findIndex((limit, column) => !isLabel(file.label(record, column), limit));
      if (wrong >= 0) {
        const found = String(file.label(record, wrong)).slice(0, 50);
        const reason = `found label ${found}, expected 0 to ${limits[wrong]! - 1}`;
        report({ record: file.where(record, wrong), reason });
        continue;
      }
      for (const column of limits.keys()) labels[column]![count] = Number(file.label(record, column));
      images.set(file.pixels(record), count * PIXEL_BYTES);
      count++;
    }
  }
  if (count === 0) throw new FormatError(`${bad[0]?.record ?? 'no files'}: none of ${total} records is good`);
  if (count === total) return { count, images, labels, bad };
  return {
    count,
    images: images.slice(0, count * PIXEL_BYTES),
    labels: labels.map((each) => each.slice(0, count)),
    bad,
  };
}

function isLabel(label: unknown, limit: number): boolean {
  return typeof label === 'number' && Number.isInteger(label) && label >= 0 && label < limit;
}

// CIFAR-10 and CIFAR-100 in their binary version: records of label bytes and 3072 planar pixel bytes.

import { FormatError } from '../kernels/errors.ts';
import { CIFAR10_CLASSES, CIFAR100_CLASSES, CIFAR100_COARSE_CLASSES } from './cifarClasses.ts';
import type { Dataset } from './dataset.ts';
import type { NamedBytes } from './idx.ts';

/** What is known of the sets beforehand; `mean` and `std` are over the 50,000 training images. */
interface CifarKind {
  readonly name: 'cifar10' | 'cifar100';
  readonly classes: readonly string[];
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Krizhevsky, 2009: 60,000 colour images of ten classes, 32x32. https://www.cs.toronto.edu/~kriz/cifar.html */
export const CIFAR10: CifarKind = {
  name: 'cifar10',
  classes: CIFAR10_CLASSES,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

/** The same page: 60,000 images of 100 classes in 20 superclasses. */
export const CIFAR100: CifarKind & { readonly coarseClasses: readonly string[] } = {
  name: 'cifar100',
  classes: CIFAR100_CLASSES,
  coarseClasses: CIFAR100_COARSE_CLASSES,
  mean: [0.5071, 0.4865, 0.4409],
  std: [0.2673, 0.2564, 0.2762],
};

/** CIFAR-100 with both labels: `{ ...set, labels: set.coarseLabels, classes: set.coarseClasses }` learns the coarse. */
export interface Cifar100 extends Dataset {
  /** Superclass of each image, an index into `coarseClasses`: [count]. */
  readonly coarseLabels: Uint8Array;
  readonly coarseClasses: readonly string[];
}

/** Larger files are refused unread: the largest, CIFAR-100's train.bin, has 0.15 GB. */
export const MAX_CIFAR_BYTES = 2 ** 29;

const SHAPE = [3, 32, 32] as const;
const PIXEL_BYTES = 3 * 32 * 32;

/**
 * The images of one or more batch files, in that order. A record is a label byte, then 1024 red, 1024 green and 1024
 * blue bytes, row by row. Any number of records will do; the original files have 10,000 each.
 * Where the bytes come from is the caller's business; on Node see `loadCifar10`.
 * @throws FormatError naming the file, the record (from 0) and the byte
 */
export function readCifar10Files(files: readonly NamedBytes[]): Dataset {
  const { images, labels, count } = readRecords(files, [CIFAR10.classes.length]);
  return { ...CIFAR10, images, labels: labels[0]!, count, shape: SHAPE };
}

/**
 * The images of train.bin or test.bin. A record is the coarse label's byte, the fine one's, then pixels as in CIFAR-10.
 * @throws FormatError naming the file, the record (from 0) and the byte
 */
export function readCifar100File(file: NamedBytes): Cifar100 {
  const { images, labels, count } = readRecords([file], [CIFAR100.coarseClasses.length, CIFAR100.classes.length]);
  return { ...CIFAR100, images, labels: labels[1]!, coarseLabels: labels[0]!, count, shape: SHAPE };
}

/** Splits the records into pixels and label columns; `classes` are the counts that bound each column. */
function readRecords(files: readonly NamedBytes[], classes: readonly number[]) {
  const recordBytes = classes.length + PIXEL_BYTES;
  const count = files.reduce((sum, file) => sum + countRecords(file, recordBytes), 0);
  const images = new Uint8Array(count * PIXEL_BYTES);
  const labels = classes.map(() => new Uint8Array(count));
  let done = 0;
  for (const { name, bytes } of files) {
    for (let start = 0; start < bytes.length; start += recordBytes, done++) {
      for (const [column, limit] of classes.entries()) {
        const label = bytes[start + column]!;
        if (label >= limit) {
          throw new FormatError(
            `${name}: record ${start / recordBytes}, at byte ${start + column}: found label ${label}, ` +
              `expected 0 to ${limit - 1}`,
          );
        }
        labels[column]![done] = label;
      }
      images.set(bytes.subarray(start + classes.length, start + recordBytes), done * PIXEL_BYTES);
    }
  }
  return { images, labels, count };
}

function countRecords({ name, bytes }: NamedBytes, recordBytes: number): number {
  const whole = Math.floor(bytes.length / recordBytes);
  if (bytes.length === 0)
    throw new FormatError(`${name}: at byte 0: the file is empty, expected records of ${recordBytes} bytes`);
  if (bytes.length % recordBytes !== 0) {
    throw new FormatError(
      `${name}: record ${whole}, at byte ${bytes.length}: the file is truncated: found ${bytes.length} bytes in all, ` +
        `expected a multiple of ${recordBytes}`,
    );
  }
  return whole;
}

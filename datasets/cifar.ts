// CIFAR-10 and CIFAR-100, from the files of their binary and their Python version.

import { ShapeError } from '../kernels/errors.ts';
import { CIFAR10_CLASSES, CIFAR100_CLASSES, CIFAR100_COARSE_CLASSES } from './cifarClasses.ts';
import { pickledFile, pickledNames } from './cifarPickle.ts';
import { binaryFile, collectRecords } from './cifarRecords.ts';
import type { NamedBytes } from './idx.ts';
import type { OpenOptions } from './imageDataset.ts';
import type { LoadedDataset } from './loadedDataset.ts';

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

export interface CifarOptions extends OpenOptions {
  /** `binary`: records of label bytes and pixels. `python`: pickled dicts. Default `binary`. */
  layout?: 'binary' | 'python';
  /** The Python version's `batches.meta` or `meta`, whose names become the classes. Default: the names known here. */
  meta?: NamedBytes | undefined;
}

export interface Cifar100Options extends CifarOptions {
  /** Which labels and classes the data set has: the 100 fine ones (default) or the 20 superclasses. */
  labels?: 'fine' | 'coarse';
}

/** CIFAR-100 with both labels; `labels` and `classes` are those that were asked for. */
export interface Cifar100 extends LoadedDataset {
  /** Class of each image, an index into `fineClasses`: [count]. */
  readonly fineLabels: Uint8Array;
  readonly fineClasses: readonly string[];
  /** Superclass of each image, an index into `coarseClasses`: [count]. */
  readonly coarseLabels: Uint8Array;
  readonly coarseClasses: readonly string[];
}

/** Larger files are refused unread: the largest, CIFAR-100's training set, has 0.15 GB. */
export const MAX_CIFAR_BYTES = 2 ** 29;

const SHAPE = [3, 32, 32] as const;

/**
 * The images of one or more batch files, in that order. In the binary layout a record is a label byte, then 1024 red, 1024
 * green and 1024 blue bytes, row by row. Any number of records will do; the original files have 10,000 each.
 * Where the bytes come from is the caller's business; on Node see `loadCifar10`.
 * @throws FormatError naming the file, the record (from 0) and the byte
 */
export function readCifar10Files(
  files: readonly NamedBytes[],
  { layout = 'binary', meta, skipBad = false }: CifarOptions = {},
): LoadedDataset {
  const parsed = files.map((file) => (layout === 'binary' ? binaryFile(file, 1) : pickledFile(file, ['labels'])));
  const classes = meta ? pickledNames(meta, 'label_names', CIFAR10.classes.length) : CIFAR10.classes;
  const { labels, ...rest } = collectRecords(parsed, [classes.length], { skipBad });
  return { ...CIFAR10, classes, ...rest, labels: labels[0]!, shape: SHAPE };
}

/**
 * The images of a training or test file. In the binary layout a record is the coarse label's byte, the fine one's, then
 * pixels as in CIFAR-10.
 * @throws FormatError naming the file, the record (from 0) and the byte
 */
export function readCifar100File(
  file: NamedBytes,
  { layout = 'binary', meta, labels: chosen = 'fine', skipBad = false }: Cifar100Options = {},
): Cifar100 {
  const isFine = chosen === 'fine';
  if (!isFine && chosen !== 'coarse') throw new ShapeError(`labels must be 'fine' or 'coarse', not '${chosen}'`);
  const parsed = layout === 'binary' ? binaryFile(file, 2) : pickledFile(file, ['coarse_labels', 'fine_labels']);
  const names = (key: string, known: readonly string[]) => (meta ? pickledNames(meta, key, known.length) : known);
  const coarseClasses = names('coarse_label_names', CIFAR100.coarseClasses);
  const fineClasses = names('fine_label_names', CIFAR100.classes);
  const { labels, ...rest } = collectRecords([parsed], [coarseClasses.length, fineClasses.length], { skipBad });
  const [coarseLabels, fineLabels] = labels as [Uint8Array, Uint8Array];
  return {
    name: isFine ? 'cifar100' : 'cifar100-coarse',
    ...rest,
    labels: isFine ? fineLabels : coarseLabels,
    classes: isFine ? fineClasses : coarseClasses,
    ...{ fineLabels, fineClasses, coarseLabels, coarseClasses },
    ...{ shape: SHAPE, mean: CIFAR100.mean, std: CIFAR100.std },
  };
}

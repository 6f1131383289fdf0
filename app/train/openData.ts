// The data sets of the Train page: the embedded digits, or MNIST's and CIFAR-10's files as they were downloaded.

import { gunzip } from '../../datasets/gunzip.ts';
import { CIFAR10, type Dataset, glyphs, MNIST, readCifar10Files, readMnistFiles } from '../../datasets/index.ts';
import { FormatError } from '../../kernels/errors.ts';

export interface TrainingData {
  readonly train: Dataset;
  readonly test: Dataset;
}

interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** CIFAR-10 is 184 MB, MNIST 55 MB unpacked. */
const MAX_BYTES = 2 ** 28;
/** A label and 3 x 32 x 32 levels. */
const CIFAR_RECORD = 3073;
/** A fifth of the training images tests where no test files are given. */
const TEST_SHARE = 0.2;

/** @param count training images, 100 to 60,000 */
export function digits(count: number): TrainingData {
  return { train: glyphs({ count }), test: glyphs({ train: false, count: 500 }) };
}

/**
 * MNIST's four files or its two for training (gzipped or not), or some of CIFAR-10's binary batches, told apart by
 * their content, the split by their names, and held to their formats.
 * @throws FormatError naming the file, and what was found and expected
 */
export async function openData(files: readonly File[]): Promise<TrainingData> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BYTES) {
    throw new FormatError(`${files.length} files of ${bytes} bytes in all: at most ${MAX_BYTES} are read`);
  }
  const named = await Promise.all(
    files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  );
  const isTest = ({ name }: NamedBytes) => /^(?:t10k|test)/i.test(name);
  const trainFiles = named.filter((file) => !isTest(file));
  const testFiles = named.filter(isTest);
  const open = named.length > 0 && named.every(isCifar) ? openCifar : openMnist;
  const train = trainFiles.length ? await open(trainFiles) : undefined;
  const test = testFiles.length ? await open(testFiles) : undefined;
  if (train && test) return { train, test };
  const only = train ?? test;
  if (!only)
    throw new FormatError('no files were given: MNIST has train-images-idx3-ubyte and train-labels-idx1-ubyte');
  const cut = Math.max(1, Math.floor(only.count * (1 - TEST_SHARE)));
  return { train: part(only, 0, cut), test: part(only, Math.min(cut, only.count - 1), only.count) };
}

async function openMnist(files: readonly NamedBytes[]): Promise<Dataset> {
  const ranks = await Promise.all(files.map(idxRank));
  const images = files.filter((_, i) => ranks[i] === 3);
  const labels = files.filter((_, i) => ranks[i] === 1);
  if (images.length !== 1 || labels.length !== 1) {
    const given = files.map(({ name }) => name).join(', ');
    throw new FormatError(
      `given ${given}: MNIST is a file of images and a file of labels for each split, train-images-idx3-ubyte and train-labels-idx1-ubyte (or t10k-…); CIFAR-10 is data_batch_1.bin and its like`,
    );
  }
  return readMnistFiles(MNIST, { images: images[0]!, labels: labels[0]! });
}

/** Dimensions that the header of an IDX file tells, gzipped or not; `undefined` for any other file. */
async function idxRank({ name, bytes }: NamedBytes): Promise<number | undefined> {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const head = isZipped ? await gunzip({ name, bytes }, { maxBytes: 4, overflow: 'cut' }) : bytes;
  return head.length >= 4 && head[0] === 0 && head[1] === 0 ? head[3] : undefined;
}

/** By name where it is cut, by its records where it was renamed. */
function isCifar({ name, bytes }: NamedBytes): boolean {
  const startsAsIdx = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8;
  return /\.bin$/i.test(name) || (bytes.length > 0 && bytes.length % CIFAR_RECORD === 0 && !startsAsIdx);
}

async function openCifar(files: readonly NamedBytes[]): Promise<Dataset> {
  return { ...readCifar10Files(files), name: CIFAR10.name };
}

/** Some of the images, in their order; the bytes are shared. */
function part(data: Dataset, from: number, to: number): Dataset {
  const size = data.shape.reduce((product, extent) => product * extent, 1);
  return {
    ...data,
    images: data.images.subarray(from * size, to * size),
    labels: data.labels.subarray(from, to),
    count: to - from,
  };
}

// MNIST and Fashion-MNIST: what is known of them, and a data set from an image file and a label file of their layout.

import { FormatError } from '../kernels/errors.ts';
import type { Dataset } from './dataset.ts';
import { type NamedBytes, readIdx } from './idx.ts';
import type { BadRecord, OpenOptions } from './imageDataset.ts';
import type { LoadedDataset } from './loadedDataset.ts';

/** What is known of an MNIST-like set beforehand; `mean` and `std` are over its 60,000 training images. */
export interface MnistKind {
  readonly name: 'mnist' | 'fashion-mnist';
  readonly classes: readonly string[];
  readonly mean: readonly [number];
  readonly std: readonly [number];
}

/** LeCun, Cortes and Burges: 70,000 handwritten digits, 28x28. http://yann.lecun.com/exdb/mnist/ */
export const MNIST: MnistKind = {
  name: 'mnist',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  mean: [0.1307],
  std: [0.3081],
};

/** Xiao, Rasul and Vollgraf, 2017: 70,000 articles of clothing, 28x28. https://github.com/zalandoresearch/fashion-mnist */
export const FASHION_MNIST: MnistKind = {
  name: 'fashion-mnist',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  mean: [0.286],
  std: [0.353],
};

/**
 * The data set in one image file (uint8 [count, 28, 28]) and one label file (uint8 [count]), plain or gzipped.
 * Where the bytes come from (disk, fetch, a file input) is the caller's business; on Node see `loadMnist`.
 * @param kind `MNIST`, `FASHION_MNIST`, `emnistKind(split)`, or the facts of another set in this layout
 * @param options.skipBad leaves out images whose label is out of range
 * @throws FormatError naming the file, or both files when they disagree.
 */
export async function readMnistFiles(
  kind: Pick<Dataset, 'name' | 'classes' | 'mean' | 'std'> & { readonly firstLabel?: number },
  files: { images: NamedBytes; labels: NamedBytes },
  { skipBad = false }: OpenOptions = {},
): Promise<LoadedDataset> {
  const images = await readBytes(
    files.images,
    '[count, 28, 28]',
    (shape) => shape.length === 3 && shape[1] === 28 && shape[2] === 28,
  );
  const labels = await readBytes(files.labels, '[count]', (shape) => shape.length === 1);
  const count = images.shape[0]!;
  if (count !== labels.shape[0]) {
    throw new FormatError(
      `${files.images.name} holds ${count} images but ${files.labels.name} holds ${labels.shape[0]} labels: ` +
        'the two must come from the same split',
    );
  }
  if (count === 0) throw new FormatError(`${files.images.name}: at byte 4: found 0 images, expected at least 1`);
  const { name, classes, mean, std, firstLabel = 0 } = kind;
  const set = { name, classes, mean, std, shape: [1, 28, 28] } as const;
  const isRight = (label: number) => label >= firstLabel && label < classes.length;
  const bad: BadRecord[] = [];
  for (const [record, label] of labels.data.entries()) {
    if (isRight(label)) continue;
    const reason = `found label ${label}, expected ${firstLabel} to ${classes.length - 1}`;
    bad.push({ record: `${files.labels.name}: at byte ${8 + record}`, reason });
  }
  if (!bad.length) return { ...set, images: images.data, labels: labels.data, count, bad };
  if (!skipBad || bad.length === count) throw new FormatError(`${bad[0]!.record}: ${bad[0]!.reason}`);
  return { ...set, ...keep(images.data, labels.data, isRight), bad };
}

const PIXELS = 28 * 28;

/** The images whose label is right. */
function keep(images: Uint8Array, labels: Uint8Array, isRight: (label: number) => boolean) {
  const kept = labels.filter(isRight);
  const pixels = new Uint8Array(kept.length * PIXELS);
  let done = 0;
  for (const [record, label] of labels.entries()) {
    if (isRight(label)) pixels.set(images.subarray(record * PIXELS, (record + 1) * PIXELS), done++ * PIXELS);
  }
  return { images: pixels, labels: kept, count: kept.length };
}

async function readBytes(
  file: NamedBytes,
  expected: string,
  fits: (shape: readonly number[]) => boolean,
): Promise<{ shape: readonly number[]; data: Uint8Array }> {
  const { shape, data } = await readIdx(file);
  if (data instanceof Uint8Array && fits(shape)) return { shape, data };
  const found = `${data.constructor.name.replace('Array', '').toLowerCase()} [${shape.join(', ')}]`;
  throw new FormatError(`${file.name}: at byte 2: found ${found}, expected uint8 ${expected}`);
}

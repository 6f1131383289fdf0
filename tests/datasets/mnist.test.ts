import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDataset, type Dataset } from '../../datasets/dataset.ts';
import { DatasetNotFoundError, findDataset, loadFashionMnist, loadMnist } from '../../datasets/node/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import { idxBytes } from './idxFile.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const { make: folderWith, removeAll: remove } = temporaryFolders();
test.after(remove);

const images = (count: number): Uint8Array => idxBytes([count, 28, 28]);
const labels = (count: number): Uint8Array => idxBytes([count], { modulus: 10 });

const TRAIN_IMAGES = 'train-images-idx3-ubyte';
const TRAIN_LABELS = 'train-labels-idx1-ubyte';

test('loadMnist reads plain and gzipped files alike', async () => {
  const plain = await loadMnist(folderWith({ [TRAIN_IMAGES]: images(12), [TRAIN_LABELS]: labels(12) }));
  const zipped = await loadMnist(
    folderWith({ [`${TRAIN_IMAGES}.gz`]: gzipSync(images(12)), [`${TRAIN_LABELS}.gz`]: gzipSync(labels(12)) }),
  );
  for (const dataset of [plain, zipped]) {
    assert.is(dataset.name, 'mnist');
    assert.is(dataset.count, 12);
    assert.equal(dataset.shape, [1, 28, 28]);
    assert.equal(Array.from(dataset.labels), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    assert.equal(Array.from(dataset.images), Array.from(images(12).subarray(16)));
  }
});

test('findDataset knows the usual folders and spellings', () => {
  const places = {
    mnist: ['', 'mnist/', 'MNIST/raw/', 'MNIST/', 'raw/'],
    'fashion-mnist': ['', 'fashion-mnist/', 'FashionMNIST/raw/', 'FashionMNIST/', 'data/fashion/'],
  } as const;
  for (const name of ['mnist', 'fashion-mnist'] as const) {
    for (const place of places[name]) {
      for (const [imageFile, labelFile] of [
        [TRAIN_IMAGES, TRAIN_LABELS],
        ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'],
        ['train-images.idx3-ubyte', 'train-labels.idx1-ubyte'],
      ] as const) {
        const root = folderWith({ [place + imageFile]: images(1), [place + labelFile]: labels(1) });
        const found = findDataset(root, name);
        assert.is(found.images, join(root, place, imageFile));
        assert.is(found.labels, join(root, place, labelFile));
      }
    }
  }
});

test('findDataset keeps the two sets apart although their files have the same names', () => {
  const root = folderWith({
    [`mnist/${TRAIN_IMAGES}`]: images(1),
    [`mnist/${TRAIN_LABELS}`]: labels(1),
    [`fashion-mnist/${TRAIN_IMAGES}`]: images(1),
    [`fashion-mnist/${TRAIN_LABELS}`]: labels(1),
  });
  assert.is(findDataset(root, 'mnist').folder, join(root, 'mnist'));
  assert.is(findDataset(root, 'fashion-mnist').folder, join(root, 'fashion-mnist'));
  assert.throws(
    () => findDataset(join(root, 'mnist'), 'fashion-mnist'),
    /mnist \(has the files, but the folder is named for mnist\)/,
  );
  assert.throws(
    () => findDataset(join(root, 'fashion-mnist'), 'mnist'),
    /\(has the files, but the folder is named for fashion-mnist\)/,
  );
});

test('findDataset chooses the files of the split that was asked for', () => {
  const root = folderWith({
    [TRAIN_IMAGES]: images(1),
    [TRAIN_LABELS]: labels(1),
    't10k-images-idx3-ubyte': images(1),
    't10k-labels-idx1-ubyte': labels(1),
  });
  assert.is(findDataset(root, 'mnist', { train: false }).images, join(root, 't10k-images-idx3-ubyte'));
  assert.is(findDataset(root, 'mnist', { train: true }).images, join(root, TRAIN_IMAGES));
});

test('findDataset lists where it looked and what to place there', () => {
  const root = folderWith({ [`mnist/${TRAIN_IMAGES}`]: images(1) });
  assert.throws(
    () => findDataset(root, 'mnist'),
    (error: Error) => {
      assert.instance(error, DatasetNotFoundError);
      assert.match(error.message, 'mnist: the training files were not found. Looked in');
      assert.match(error.message, `${join(root, 'mnist')} (has the images but no labels)`);
      assert.match(error.message, `${join(root, 'MNIST/raw')} (does not exist)`);
      assert.match(error.message, `Place ${TRAIN_IMAGES} and ${TRAIN_LABELS} there, plain or with .gz`);
      return true;
    },
  );
});

test('findDataset looks below a file or a missing root without failing otherwise', () => {
  const root = folderWith({ file: images(1) });
  for (const place of ['file', 'missing']) {
    assert.throws(
      () => findDataset(join(root, place), 'fashion-mnist'),
      (error: Error) => error instanceof DatasetNotFoundError,
    );
  }
});

test('loading refuses files that are sound but do not make MNIST', async () => {
  const outOfRange = labels(3);
  outOfRange[8 + 2] = 10;
  const cases: [images: Uint8Array, labels: Uint8Array, message: RegExp][] = [
    [images(3), labels(4), /train-images-idx3-ubyte holds 3 images but .*train-labels-idx1-ubyte holds 4 labels/],
    [images(3), outOfRange, /train-labels-idx1-ubyte: at byte 10: found label 10, expected 0 to 9/],
    [images(0), labels(0), /train-images-idx3-ubyte: at byte 4: found 0 images, expected at least 1/],
    [labels(3), labels(3), /train-images-idx3-ubyte: at byte 2: found uint8 \[3\], expected uint8 \[count, 28, 28\]/],
    [idxBytes([3, 32, 32]), labels(3), /found uint8 \[3, 32, 32\], expected uint8 \[count, 28, 28\]/],
    [images(3), images(3), /train-labels-idx1-ubyte: at byte 2: found uint8 \[3, 28, 28\], expected uint8 \[count\]/],
    [images(3).subarray(0, 1000), labels(3), /train-images-idx3-ubyte: at byte 1000: the file is truncated/],
  ];
  for (const [imageBytes, labelBytes, message] of cases) {
    const root = folderWith({ [TRAIN_IMAGES]: imageBytes, [TRAIN_LABELS]: labelBytes });
    const error = await loadMnist(root).then(
      () => assert.unreachable('did not throw'),
      (thrown: Error) => thrown,
    );
    assert.instance(error, FormatError);
    assert.match((error as Error).message, message);
  }
});

test('images with labels out of range are left out and listed with skipBad', async () => {
  const wrong = labels(4);
  wrong[8 + 1] = 10;
  const root = folderWith({ [TRAIN_IMAGES]: images(4), [TRAIN_LABELS]: wrong });
  const set = await loadMnist(root, { skipBad: true });
  checkDataset(set);
  assert.equal([...set.labels], [0, 2, 3]);
  assert.is(set.images[784], images(4)[16 + 2 * 784]);
  assert.equal(set.bad, [
    { record: `${join(root, TRAIN_LABELS)}: at byte 9`, reason: 'found label 10, expected 0 to 9' },
  ]);
  assert.equal((await loadMnist(folderWith({ [TRAIN_IMAGES]: images(1), [TRAIN_LABELS]: labels(1) }))).bad, []);
});

const data = process.env.WGRAD_DATA ?? '';

function testWhere(name: 'mnist' | 'fashion-mnist'): typeof test | typeof test.skip {
  try {
    findDataset(data, name);
    findDataset(data, name, { train: false });
    return data ? test : test.skip;
  } catch (error) {
    if (error instanceof DatasetNotFoundError) return test.skip;
    throw error;
  }
}

testWhere('mnist')('the real MNIST has its counts, first labels, mean and deviation', async () => {
  const train = await loadMnist(data);
  const test = await loadMnist(data, { train: false });
  assert.equal([train.count, test.count], [60_000, 10_000]);
  assert.equal(Array.from(train.labels.subarray(0, 5)), [5, 0, 4, 1, 9]);
  assert.equal(Array.from(test.labels.subarray(0, 5)), [7, 2, 1, 0, 4]);
  checkStatistics(train);
});

testWhere('fashion-mnist')('the real Fashion-MNIST has its counts, first labels, mean and deviation', async () => {
  const train = await loadFashionMnist(data);
  const test = await loadFashionMnist(data, { train: false });
  assert.equal([train.count, test.count], [60_000, 10_000]);
  assert.equal(Array.from(train.labels.subarray(0, 5)), [9, 0, 0, 3, 0]);
  checkStatistics(train);
});

/** The data set's constants are those of its bytes, to the four digits they are given with. */
function checkStatistics({ images, mean, std }: Dataset): void {
  let sum = 0;
  let squares = 0;
  for (const byte of images) {
    sum += byte;
    squares += byte * byte;
  }
  const measuredMean = sum / images.length / 255;
  const measuredStd = Math.sqrt(squares / images.length / 255 ** 2 - measuredMean ** 2);
  assert.ok(Math.abs(measuredMean - mean[0]!) < 6e-5, `mean ${measuredMean}`);
  assert.ok(Math.abs(measuredStd - std[0]!) < 6e-5, `std ${measuredStd}`);
}

test.run();

// CIFAR's binary files: what a record means, where the files are looked for, and the real sets.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CIFAR10, CIFAR100, readCifar10Files } from '../../datasets/cifar.ts';
import { CIFAR100_SUPERCLASSES } from '../../datasets/cifarClasses.ts';
import { checkDataset, type Dataset } from '../../datasets/dataset.ts';
import { DatasetNotFoundError, loadCifar10, loadCifar100 } from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { refusal } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const test = suite('cifar');
const { make: folderWith, removeAll: remove } = temporaryFolders();
test.after(remove);

/** Records of the given label bytes; pixel p of record i is (i + p) mod 251. */
function records(labels: number[][]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((own, i) => [...own, ...Array.from({ length: 3072 }, (_, p) => (i + p) % 251)]),
  );
}

test('loadCifar10 reads the five training batches in order, or those asked for, or the test batch', async () => {
  const batches = [1, 2, 3, 4, 5].map((n) => [`cifar-10-batches-bin/data_batch_${n}.bin`, records([[n], [n + 4]])]);
  const root = folderWith({ ...Object.fromEntries(batches), 'cifar-10-batches-bin/test_batch.bin': records([[0]]) });
  const train = await loadCifar10(root);
  assert.equal([train.name, train.count, train.shape], ['cifar10', 10, [3, 32, 32]]);
  assert.equal([...train.labels], [1, 5, 2, 6, 3, 7, 4, 8, 5, 9]);
  checkDataset(train);
  for (const [image, p] of [
    [0, 0],
    [0, 3071],
    [3, 1500],
  ] as const) {
    assert.is(train.images[image * 3072 + p], ((image % 2) + p) % 251);
  }
  assert.equal([...(await loadCifar10(root, { batches: [4, 2] })).labels], [4, 8, 2, 6]);
  assert.equal([...(await loadCifar10(root, { train: false })).labels], [0]);
});

test('loadCifar100 gives fine labels, and coarse ones beside them', async () => {
  const root = folderWith({
    'train.bin': records([
      [19, 99],
      [3, 40],
    ]),
    'cifar100/test.bin': records([[0, 7]]),
  });
  const train = await loadCifar100(root);
  assert.equal(
    [[...train.labels], [...train.coarseLabels]],
    [
      [99, 40],
      [19, 3],
    ],
  );
  assert.is(train.images[3072], 1);
  checkDataset(train);
  const coarse = await loadCifar100(root, { labels: 'coarse' });
  checkDataset(coarse);
  assert.equal([coarse.name, coarse.classes.length, ...coarse.labels], ['cifar100-coarse', 20, 19, 3]);
  assert.equal([...coarse.fineLabels], [99, 40]);
  assert.match(
    await refusal(loadCifar100(root, { labels: 'both' as 'fine' }), ShapeError),
    "labels must be 'fine' or 'coarse', not 'both'",
  );
  assert.is((await loadCifar100(root, { train: false })).labels[0], 7);
});

test('missing files are named, with the folders looked in and the archive to unpack', async () => {
  const root = folderWith({
    'cifar-10-batches-bin/data_batch_1.bin': records([[0]]),
    'cifar-100-python/meta': records([]),
  });
  const ten = await refusal(loadCifar10(root), DatasetNotFoundError);
  assert.match(ten, 'lacks data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin)');
  assert.match(ten, `${join(root, 'cifar10')} (does not exist)`);
  assert.match(ten, 'Put cifar-10-binary.tar.gz or cifar-10-python.tar.gz from https://www.cs.toronto.edu');
  assert.match(ten, 'or load it with { download: true }');
  assert.is((await loadCifar10(root, { batches: [1] })).count, 1);
  const hundred = await refusal(loadCifar100(root), DatasetNotFoundError);
  assert.match(hundred, /cifar100: found no folder with train\.bin, nor with their Python version/);
  assert.match(hundred, `${join(root, 'cifar-100-python')}\n`);
});

test('present batches are read where others are missing, and told', async () => {
  const root = folderWith({
    'cifar-10-batches-bin/data_batch_2.bin': records([[2]]),
    'cifar-10-batches-bin/data_batch_4.bin': records([[4], [5]]),
    'cifar10/data_batch_1.bin': records([[1]]),
  });
  const { batches, labels } = await loadCifar10(root, { batches: 'present' });
  assert.equal(
    [batches, [...labels]],
    [
      [2, 4],
      [2, 4, 5],
    ],
    'the folder that holds the most',
  );
  await refusal(loadCifar10(root, { train: false, batches: 'present' }), DatasetNotFoundError);
  await refusal(loadCifar10(folderWith({}), { batches: 'present' }), DatasetNotFoundError);
  for (const wrong of [[], [0], [6], [1.5], [1, 1], [Number.NaN]]) {
    assert.match(await refusal(loadCifar10(root, { batches: wrong }), ShapeError), /different numbers from 1 to 5/);
  }
});

test('bad records are left out and listed with skipBad, unless none is good', async () => {
  const bytes = records([[1], [10], [3]]);
  const root = folderWith({ 'test_batch.bin': bytes.subarray(0, 3 * 3073 - 1), 'test.bin': records([[20, 0]]) });
  const set = await loadCifar10(root, { train: false, skipBad: true });
  assert.equal([...set.labels], [1]);
  assert.is(set.images.length, 3072);
  checkDataset(set);
  const path = join(root, 'test_batch.bin');
  assert.equal(set.bad, [
    {
      record: `${path}: record 2, at byte 9218`,
      reason: 'the file is truncated: found 9218 bytes in all, expected a multiple of 3073',
    },
    { record: `${path}: record 1, at byte 3073`, reason: 'found label 10, expected 0 to 9' },
  ]);
  const none = await refusal(loadCifar100(root, { train: false, skipBad: true }), FormatError);
  assert.match(none, /test\.bin: record 0, at byte 0: none of 1 records is good/);
});

test('damaged files are refused by file, record and byte', async () => {
  const good = records([[1], [2]]);
  const cases: [string, Uint8Array, RegExp][] = [
    ['test_batch.bin', good.subarray(0, 3073 + 100), /test_batch\.bin: record 1, at byte 3173: the file is truncated/],
    [
      'test_batch.bin',
      records([[1], [10]]),
      /test_batch\.bin: record 1, at byte 3073: found label 10, expected 0 to 9/,
    ],
    ['test_batch.bin', new Uint8Array(0), /test_batch\.bin: at byte 0: the file is empty/],
    ['test.bin', records([[20, 0]]), /test\.bin: record 0, at byte 0: found label 20, expected 0 to 19/],
    [
      'test.bin',
      records([
        [1, 1],
        [1, 100],
      ]),
      /test\.bin: record 1, at byte 3075: found label 100, expected 0 to 99/,
    ],
    ['test.bin', records([[1, 1]]).subarray(1), /test\.bin: record 0, at byte 3073: the file is truncated/],
  ];
  for (const [file, bytes, message] of cases) {
    const load = file === 'test.bin' ? loadCifar100 : loadCifar10;
    assert.match(await refusal(load(folderWith({ [file]: bytes }), { train: false }), FormatError), message);
  }
  const second = { name: 'second', bytes: records([[11]]) };
  assert.throws(() => readCifar10Files([{ name: 'first', bytes: good }, second]), /^second: record 0, at byte 0: /);
});

const data = process.env.WGRAD_DATA ?? '';
const tenFolder = join(data, 'cifar-10-batches-bin');
const hundredFolder = join(data, 'cifar-100-binary');
const testTen = data && existsSync(tenFolder) ? test : test.skip;
const testHundred = data && existsSync(hundredFolder) ? test : test.skip;

testTen('the real CIFAR-10 has its names, first labels and statistics, 1,000 test images of each class', async () => {
  assert.equal(lines(join(tenFolder, 'batches.meta.txt')), CIFAR10.classes);
  const train = await loadCifar10(data, { batches: [1] });
  const tested = await loadCifar10(data, { train: false });
  assert.equal([train.count, tested.count], [10_000, 10_000]);
  assert.equal([...train.labels.subarray(0, 5)], [6, 9, 9, 4, 1]);
  assert.equal([...tested.labels.subarray(0, 5)], [3, 8, 8, 0, 6]);
  assert.equal(histogram(tested), new Array(10).fill(1000));
  checkStatistics(train);
});

testHundred('the real CIFAR-100 has its names and 100 test images of each class', async () => {
  assert.equal(lines(join(hundredFolder, 'fine_label_names.txt')), CIFAR100.classes);
  assert.equal(lines(join(hundredFolder, 'coarse_label_names.txt')), CIFAR100.coarseClasses);
  const tested = await loadCifar100(data, { train: false });
  assert.equal(histogram(tested), new Array(100).fill(100));
  assert.equal(
    histogram({ ...tested, labels: tested.coarseLabels, classes: tested.coarseClasses }),
    new Array(20).fill(500),
  );
  checkStatistics(tested);
});

testHundred('the table of superclasses is that of the real labels', async () => {
  const { fineLabels, fineClasses, coarseLabels, coarseClasses } = await loadCifar100(data, { train: false });
  const found = Object.fromEntries(coarseClasses.map((name) => [name, new Set<string>()]));
  for (const [i, fine] of fineLabels.entries()) found[coarseClasses[coarseLabels[i]]].add(fineClasses[fine]);
  const sorted = Object.entries(found).map(([name, fine]) => [name, [...fine].sort()]);
  assert.equal(sorted, Object.entries(CIFAR100_SUPERCLASSES));
});

test.run();

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split('\n');
}

function histogram({ labels, classes }: Dataset): number[] {
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** 10,000 images estimate the constants, which are over the 50,000 training images, to a hundredth. */
function checkStatistics({ images, mean, std }: Dataset): void {
  for (const channel of [0, 1, 2]) {
    let [sum, squares, count] = [0, 0, 0];
    for (let start = channel * 1024; start < images.length; start += 3072) {
      for (const byte of images.subarray(start, start + 1024)) {
        sum += byte;
        squares += byte * byte;
        count++;
      }
    }
    const measured = sum / count / 255;
    const deviation = Math.sqrt(squares / count / 255 ** 2 - measured ** 2);
    assert.ok(Math.abs(measured - mean[channel]) < 0.005, `mean ${measured}`);
    assert.ok(Math.abs(deviation - std[channel]) < 0.005, `std ${deviation}`);
  }
}

// EMNIST: its splits, labels and names as torchvision has them, and its files unpacked or in the archive.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDataset } from '../../datasets/dataset.ts';
import { EMNIST_SPLITS, type EmnistSplit, emnistKind } from '../../datasets/emnist.ts';
import { DatasetNotFoundError, loadEmnist } from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { idxBytes } from './idxFile.ts';
import { refusal } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';
import { zipBytes } from './zipFile.ts';

const test = suite('emnist');
const { make: folderWith, removeAll: remove } = temporaryFolders();
test.after(remove);

const images = idxBytes([3, 28, 28], { modulus: 251 });

function labelFile(labels: readonly number[]): Uint8Array {
  const bytes = idxBytes([labels.length]);
  bytes.set(labels, 8);
  return bytes;
}

function files(split: EmnistSplit, labels: readonly number[], folder = '', part = 'train'): Record<string, Uint8Array> {
  return {
    [`${folder}emnist-${split}-${part}-images-idx3-ubyte`]: images,
    [`${folder}emnist-${split}-${part}-labels-idx1-ubyte`]: labelFile(labels),
  };
}

test('the classes are those of torchvision, as many as each split has', () => {
  const counts = EMNIST_SPLITS.map((split) => emnistKind(split).classes.length);
  assert.equal(counts, [62, 47, 47, 27, 10, 10]);
  assert.is(emnistKind('byclass').classes.join(''), '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
  assert.is(emnistKind('balanced').classes.join(''), '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt');
  assert.equal(emnistKind('letters').classes.slice(0, 3), ['N/A', 'a', 'b']);
});

test("every split is read from torchvision's folder, plain and gzipped, training and test", async () => {
  for (const split of EMNIST_SPLITS) {
    const plain = files(split, [1, 2, 9], 'EMNIST/raw/');
    const zipped = Object.entries(files(split, [9, 9, 1], 'EMNIST/raw/', 'test')).map(([path, bytes]) => {
      return [`${path}.gz`, gzipSync(bytes)];
    });
    const root = folderWith({ ...plain, ...Object.fromEntries(zipped) });
    const train = await loadEmnist(root, { split });
    checkDataset(train);
    assert.equal([train.name, ...train.labels], [`emnist-${split}`, 1, 2, 9]);
    assert.equal([...(await loadEmnist(root, { split, train: false })).labels], [9, 9, 1]);
  }
});

test('images stay transposed as in the files, and stand upright with transpose', async () => {
  const root = folderWith(files('digits', [0, 1, 2]));
  const asStored = await loadEmnist(root, { split: 'digits' });
  assert.equal([...asStored.images], [...images.subarray(16)]);
  const upright = await loadEmnist(root, { split: 'digits', transpose: true });
  for (const [image, row, column] of [
    [0, 0, 27],
    [1, 3, 5],
    [2, 27, 1],
  ]) {
    const start = image * 784;
    assert.is(upright.images[start + row * 28 + column], asStored.images[start + column * 28 + row]);
  }
});

test('letters are labelled from 1, so that a 0 is refused or skipped', async () => {
  const root = folderWith(files('letters', [26, 0, 1]));
  assert.match(
    await refusal(loadEmnist(root, { split: 'letters' }), FormatError),
    /at byte 9: found label 0, expected 1 to 26/,
  );
  const { labels, bad } = await loadEmnist(root, { split: 'letters', skipBad: true });
  assert.equal([...labels], [26, 1]);
  assert.is(bad.length, 1);
});

test('the published archive is read without unpacking it', async () => {
  const entries = Object.entries(files('letters', [3, 4, 5], 'gzip/')).map(([path, bytes]) => {
    return [`${path}.gz`, gzipSync(bytes)] as const;
  });
  const zip = zipBytes([
    ['gzip/', new Uint8Array()],
    ...entries,
    ['gzip/emnist-letters-mapping.txt', new Uint8Array(3)],
  ]);
  for (const place of ['EMNIST/raw/gzip.zip', 'gzip.zip', 'emnist/emnist.zip']) {
    const root = folderWith({ [place]: zip });
    assert.equal([...(await loadEmnist(root, { split: 'letters' })).labels], [3, 4, 5]);
    assert.equal([...(await loadEmnist(join(root, place), { split: 'letters' })).images], [...images.subarray(16)]);
    const lacking = await refusal(loadEmnist(root, { split: 'letters', train: false }), FormatError);
    assert.match(lacking, 'the archive lacks emnist-letters-test-images-idx3-ubyte and emnist-letters-test-labels');
  }
});

test('damaged archives are refused by entry', async () => {
  const name = 'emnist-digits-train-images-idx3-ubyte';
  const cases: [what: string, zip: Uint8Array, message: RegExp][] = [
    [
      'twice',
      zipBytes([
        [`gzip/${name}`, images],
        [`${name}.gz`, images],
      ]),
      /gzip\.zip: .*\.gz: found a second time/,
    ],
    ['a path that leaves it', zipBytes([['../etc/passwd', images]]), /damaged \.zip: .*\.\.\/etc\/passwd/],
    ['an absolute path', zipBytes([['/etc/passwd', images]]), /damaged \.zip: .*\/etc\/passwd/],
    ['no zip', new Uint8Array(100), /damaged \.zip/],
    ['cut off', zipBytes([[name, images]]).subarray(0, 1000), /damaged \.zip/],
    ['4 GiB', zipBytes([[name, images]], { size: 0xfffffff0 }), /found 4294967280 bytes, expected at most 1073741824/],
    ['a lie about its size', zipBytes([[name, images]], { size: 9999 }), /damaged \.zip/],
  ];
  for (const [what, zip, message] of cases) {
    const root = folderWith({ 'gzip.zip': zip });
    assert.match(await refusal(loadEmnist(root, { split: 'digits' }), FormatError), message, what);
  }
});

test('missing files and unknown splits are told', async () => {
  const root = folderWith({ 'EMNIST/raw/emnist-digits-train-images-idx3-ubyte': images });
  const message = await refusal(loadEmnist(root, { split: 'digits' }), DatasetNotFoundError);
  assert.match(message, `${join(root, 'EMNIST/raw')} (has the images but no labels)`);
  assert.match(message, /or gzip\.zip as it is published, or load it with \{ download: true \}/);
  writeFileSync(join(root, 'file'), '');
  await refusal(loadEmnist(root, { split: 'toString' as EmnistSplit }), ShapeError);
});
test.run();

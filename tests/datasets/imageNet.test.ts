import { readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readMat } from '../../datasets/node/imagenet/matFile.ts';
import { DatasetNotFoundError, openImageNet } from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { imageBytes } from './imageFixtures.ts';
import { refuses } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'imagenet');
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(fixtures, name)));
const expected: { indexOfId: number[]; words: string[][] } = JSON.parse(
  readFileSync(join(fixtures, 'meta.json'), 'utf8'),
);

const DEVKIT = 'ILSVRC2012_devkit_t12';
const META = `${DEVKIT}/data/meta.mat`;
const TRUTH = `${DEVKIT}/data/ILSVRC2012_validation_ground_truth.txt`;
const uncached = { cache: false } as const;
const jpeg = imageBytes('tiny-8x8.jpg');

function devkit(truth: readonly (number | string)[], meta = 'meta.mat'): Record<string, Uint8Array | string> {
  return { [META]: bytesOf(meta), [TRUTH]: truth.map((id) => `${id}\n`).join('') };
}

function valImages(...numbers: readonly number[]): Record<string, Uint8Array> {
  const name = (number: number): string => `val/ILSVRC2012_val_${String(number).padStart(8, '0')}.JPEG`;
  return Object.fromEntries(numbers.map((number) => [name(number), jpeg]));
}

async function tarGz(files: Readonly<Record<string, Uint8Array | string>>): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, Buffer.from(content));
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) parts.push(part);
  return gzipSync(Buffer.concat(parts));
}

test('readMat reads what scipy writes, compressed or not', () => {
  const small = readMat({ name: 'small.mat', bytes: bytesOf('small.mat') });
  assert.equal([...small.keys()], ['synsets', 'other', 'text']);
  assert.equal(small.get('other'), [0, 3, 1, 4, 2, 5], 'column by column');
  assert.is(small.get('text'), 'déjà');
  const meta = readMat({ name: 'meta.mat', bytes: bytesOf('meta.mat') }).get('synsets') as Map<string, unknown>[];
  assert.is(meta.length, 1005);
  assert.equal(meta[1004]!.get('children'), [1, 2, 3]);
  assert.is(meta[1004]!.get('gloss'), 'above the é classes');
  assert.equal(meta[0]!.get('children'), []);
});

test('readMat refuses every damaged byte of the structure or reads on, without another error', () => {
  const sound = bytesOf('small.mat');
  const outcomes = { read: 0, refused: 0 };
  for (let at = 0; at < sound.length; at += 3) {
    for (const value of [0, 0xff, sound[at]! ^ 1]) {
      const bytes = sound.slice();
      bytes[at] = value;
      outcomes[attempt(bytes)]++;
    }
    outcomes[attempt(sound.slice(0, at))]++;
  }
  assert.ok(outcomes.refused > 500 && outcomes.read > 500, JSON.stringify(outcomes));

  function attempt(bytes: Uint8Array): 'read' | 'refused' {
    try {
      readMat({ name: 'small.mat', bytes });
      return 'read';
    } catch (error) {
      assert.instance(error, FormatError);
      assert.match((error as Error).message, 'small.mat: ');
      return 'refused';
    }
  }
});

test('readMat refuses a compressed variable that is cut off', () => {
  const bytes = bytesOf('meta.mat');
  assert.throws(
    () => readMat({ name: 'meta.mat', bytes: bytes.slice(0, 9000) }),
    /meta\.mat: at byte 128: .*truncated/,
  );
  bytes[5000]! ^= 0xff;
  assert.throws(
    () => readMat({ name: 'meta.mat', bytes }),
    /meta\.mat.*(compressed variable is damaged|compressed at)/,
  );
});

test('openImageNet takes names and indices of all classes from the kit, even for a part of them', async () => {
  const wnids = ['n02110341', 'n01622779', 'n12620546'];
  const trees = wnids.map((wnid) => [`train/${wnid}/${wnid}_10.JPEG`, jpeg]);
  const data = await openImageNet(make({ ...devkit([1]), ...Object.fromEntries(trees) }), uncached);
  assert.equal([...data.labels!], [24, 251, 989], 'the indices of torchvision and of pretrained networks');
  assert.equal([data.classes.length, data.wnids.length, data.words.length], [1000, 1000, 1000]);
  assert.equal([data.wnids[251], data.classes[251]], ['n02110341', 'dalmatian']);
  assert.equal(data.words[251], ['dalmatian', 'dalmatian by another name']);
  assert.equal(data.words.slice(0, 30), expected.words);
  assert.equal([data.wnidToIdx.get('n12620546'), data.classToIdx.get('dalmatian by another name')], [989, 251]);
  assert.equal([(await data.get(1)).target, basename(data.path(1))], [251, 'n02110341_10.JPEG']);
});

test('openImageNet without the kit counts the folders that are there', async () => {
  const data = await openImageNet(make({ 'val/n02000002/a.JPEG': jpeg, 'val/n02000001/b.JPEG': jpeg }), {
    ...uncached,
    split: 'val',
  });
  assert.equal(
    [data.classes, [...data.labels!]],
    [
      ['n02000001', 'n02000002'],
      [0, 1],
    ],
  );
});

test('validation images without folders get the classes of the ground truth, which are not its numbers', async () => {
  const ids = [490, 1, 1000, 361];
  const root = make({ ...devkit(ids), ...valImages(1, 2, 3, 4) });
  const data = await openImageNet(root, { split: 'val' });
  assert.equal(
    [...data.labels!],
    ids.map((id) => expected.indexOfId[id - 1]),
  );
  assert.is(basename(data.path(2)), 'ILSVRC2012_val_00000003.JPEG');
  assert.is((await data.get(3)).image.width, 8);
});

test('the kit is read from its archive as from its folder', async () => {
  const files = devkit([3, 2, 1], 'small.mat');
  const archive = await tarGz({ [`${DEVKIT}/readme.txt`]: 'first', ...files, [`${DEVKIT}/evaluation/x.m`]: 'last' });
  const images = valImages(1, 2, 3);
  const open = (root: string) => openImageNet(root, { split: 'val' });
  const [fromFolder, fromArchive] = [
    await open(make({ ...files, ...images })),
    await open(make({ [`${DEVKIT}.tar.gz`]: archive, ...images })),
  ];
  assert.equal(fromArchive.words, fromFolder.words);
  assert.equal([...fromArchive.labels!], [...fromFolder.labels!]);
  assert.equal([...fromArchive.labels!], [1, 0, 2]);
  const damaged: [Uint8Array, RegExp][] = [
    [archive.subarray(0, 300), /tar\.gz: the archive is damaged: /],
    [new Uint8Array(100), /tar\.gz: the archive is damaged: /],
    [await tarGz({ [META]: bytesOf('small.mat') }), /tar\.gz: lacks .*ground_truth\.txt/],
    [await tarGz({ ...files, [META]: 'MATLAB 5.0 MAT-file' }), /meta\.mat: this is no MATLAB file/],
  ];
  for (const [bytes, pattern] of damaged) {
    await refuses(open(make({ [`${DEVKIT}.tar.gz`]: bytes, ...images })), FormatError, pattern);
  }
});

test('openImageNet refuses what does not belong, or leaves it out', async () => {
  const cases: [files: Record<string, Uint8Array | string>, message: RegExp, kept: number, bad: number][] = [
    [{ ...devkit([1, 1001, 2]), ...valImages(1, 2, 3) }, /ground_truth\.txt, line 2: found '1001', expected/, 2, 1],
    [{ ...devkit([1, 'x', '']), ...valImages(1, 2) }, /ground_truth\.txt, line 2: found 'x'/, 1, 1],
    [{ ...devkit([1, 2, 3]), ...valImages(1, 3) }, /ground_truth\.txt, line 2: .*val_00000002\.JPEG is missing/, 2, 1],
    [{ ...devkit([1, 2]), ...valImages(1, 2, 3) }, /val_00000003\.JPEG: expected .* to ILSVRC2012_val_00000002/, 2, 1],
    [{ ...devkit([1]), 'val/n02110341/a.JPEG': jpeg, 'val/dogs/b.JPEG': jpeg }, /found a folder dogs, expected/, 1, 1],
    [{ 'val/n02110341/a.JPEG': jpeg, 'val/dogs/b.JPEG': jpeg }, /found a folder dogs, expected a WordNet id/, 1, 1],
    [{ ...devkit([1]), 'val/n02110341/a.JPEG': jpeg, 'val/n01622779/b.txt': '' }, /for the classes n01622779/, 1, 1],
  ];
  for (const [files, message, kept, bad] of cases) {
    const root = make(files);
    await refuses(openImageNet(root, { ...uncached, split: 'val' }), FormatError, message);
    const data = await openImageNet(root, { ...uncached, split: 'val', skipBad: true });
    assert.equal([data.count, data.labels!.length, data.bad.length], [kept, kept, bad], String(message));
    await data.get(kept - 1);
  }
});

test('openImageNet says which files to get', async () => {
  const root = make({ 'val/ILSVRC2012_val_00000001.JPEG': jpeg });
  await refuses(
    openImageNet(root),
    DatasetNotFoundError,
    `${join(root, 'train')} does not exist`,
    'register at https://image-net.org/download-images',
    'ILSVRC2012_img_train.tar (md5 1d675b47d978889d74fa0da5fadfb00e)',
  );
  await refuses(
    openImageNet(root, { split: 'val' }),
    DatasetNotFoundError,
    /so ILSVRC2012_devkit_t12\.tar\.gz .* is needed/,
  );
  await refuses(openImageNet(root, { split: 'test' as 'val' }), ShapeError, "split is train or val, given 'test'");
  const lacking = make({ [META]: bytesOf('small.mat'), ...valImages(1) });
  await refuses(openImageNet(lacking, { split: 'val' }), FormatError, /ground_truth\.txt: is missing/);
});

test('a validation image that links out of its folder is refused when it is read', async () => {
  const root = make({ ...devkit([1, 2]), ...valImages(1) });
  symlinkSync(join(fixtures, 'small.mat'), join(root, 'val/ILSVRC2012_val_00000002.JPEG'));
  const data = await openImageNet(root, { split: 'val' });
  await refuses(data.get(1), FormatError, /val_00000002\.JPEG: is a link to .*, outside/);
});

const samples = process.env.WGRAD_DATA ? join(process.env.WGRAD_DATA, 'imagenet-samples') : '';

(samples ? test : test.skip)('25 photographs of ImageNet get their class indices', async () => {
  const [, ...rows] = readFileSync(join(samples, 'labels.tsv'), 'utf8').trimEnd().split('\n');
  const photographs = rows
    .map((row) => row.split('\t'))
    .map(([file, index, wnid, name]) => ({ file, index, wnid, name }));
  const files = photographs.map(({ file, wnid }) => [`val/${wnid}/${file}`, readFileSync(join(samples, file!))]);
  const root = make({ ...devkit([1]), ...Object.fromEntries(files) });
  const data = await openImageNet(root, { ...uncached, split: 'val' });
  assert.equal(
    [...data.labels!].map(String),
    photographs.map(({ index }) => index),
  );
  for (const [i, { name }] of photographs.entries()) {
    const { image, target } = await data.get(i);
    assert.equal([image.channels, data.classes[target]], [3, name]);
  }
});

test.run();

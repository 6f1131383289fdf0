import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DatasetNotFoundError, openCelebA } from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { filesOf, folderFixture, folderFixtures, pixelHash } from './folderFixtures.ts';
import { refuses } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const { make, removeAll } = temporaryFolders();
test.after(removeAll);

type Files = Record<string, Uint8Array | string>;

const all = ['attr', 'identity', 'bbox', 'landmarks'] as const;
const sound: Files = filesOf(folderFixture('celeba'));
const lists: Files = Object.fromEntries(Object.entries(sound).filter(([path]) => path.endsWith('.txt')));
const zip = filesOf(folderFixture('.'))['img_align_celeba.zip']!;

/** The files with one of them changed. */
function changed(file: string, change: (text: string) => string): Files {
  const text = Buffer.from(sound[file]!).toString();
  assert.is.not(change(text), text);
  return { ...sound, [file]: change(text) };
}

for (const split of ['train', 'valid', 'test', 'all'] as const) {
  test(`the ${split} split has torchvision's images and targets`, async () => {
    const expected = folderFixtures.celeba.splits[split];
    const data = await openCelebA(folderFixture('celeba'), { split, targetType: all });
    assert.equal([data.count, data.attributes, data.bad], [expected.length, folderFixtures.celeba.attributes, []]);
    for (const [i, { file, sha256, attr, identity, bbox, landmarks }] of expected.entries()) {
      const { image, target } = await data.get(i);
      assert.equal([data.file(i), pixelHash(image)], [file, sha256]);
      assert.equal([[...target[0]], target[1], [...target[2]], [...target[3]]], [attr, identity, bbox, landmarks]);
    }
  });
}

test('one target type gives its target alone, none gives null, and only its list is needed', async () => {
  const { 'identity_CelebA.txt': _, ...rest } = sound;
  const [expected] = folderFixtures.celeba.splits.train;
  const data = await openCelebA(make(rest));
  const target: Uint8Array = (await data.get(0)).target;
  assert.equal([...target], expected!.attr);
  assert.equal([...(await (await openCelebA(make(rest), { targetType: ['bbox'] })).get(0)).target], expected!.bbox);
  const none = await openCelebA(make(rest), { targetType: [] });
  assert.is((await none.get(0)).target, null);
  await refuses(openCelebA(make(rest), { targetType: 'identity' }), DatasetNotFoundError, 'identity_CelebA.txt');
});

test('images are read from the archive as from the folder, and below celeba/', async () => {
  const below = Object.fromEntries(
    Object.entries({ ...lists, 'img_align_celeba.zip': zip }).map(([k, v]) => [`celeba/${k}`, v]),
  );
  const data = await openCelebA(make(below), { split: 'all' });
  for (const [i, { sha256 }] of folderFixtures.celeba.splits.all.entries()) {
    assert.is(pixelHash((await data.get(i)).image), sha256);
  }
});

test('a damaged archive is refused by name', async () => {
  const open = (bytes: Uint8Array) => openCelebA(make({ ...lists, 'img_align_celeba.zip': bytes }), { split: 'all' });
  await refuses(open(zip.subarray(0, 2000)), FormatError, /img_align_celeba\.zip: the archive is damaged: /);
  await refuses(open(new Uint8Array(10)), FormatError, /the archive is damaged: /);
  const refused: string[] = [];
  for (let at = 60; at < zip.length; at += 211) {
    const bytes = zip.slice();
    bytes[at]! ^= 0x55;
    try {
      const data = await open(bytes);
      for (let i = 0; i < data.count; i++) await data.get(i);
    } catch (error) {
      assert.instance(error, FormatError);
      refused.push((error as Error).message);
    }
  }
  assert.ok(refused.some((message) => /00000\d\.jpg: is damaged: its CRC-32/.test(message)));
  assert.ok(refused.some((message) => /00000\d\.jpg: cannot be read/.test(message)));
  const escaping = Buffer.from(zip);
  for (
    let at = escaping.indexOf('img_align_celeba/000001');
    at >= 0;
    at = escaping.indexOf('img_align_celeba/000001', at)
  ) {
    escaping.write('../../../../../../../../', at);
  }
  await refuses(open(escaping), FormatError, /the archive is damaged: invalid relative path/);
});

test('damaged lists are refused by file and line, or their rows left out', async () => {
  const cases: [files: Files, message: RegExp, kept: number, bad: number][] = [
    [
      changed('list_attr_celeba.txt', (t) => t.replace(/^7/, '8')),
      /list_attr_celeba\.txt, line 1: found the count '8', but 7/,
      7,
      1,
    ],
    [
      changed('list_attr_celeba.txt', (t) =>
        t.replace('000002.jpg  1', '000002.jpg  0').replace('000002.jpg -1', '000002.jpg  0'),
      ),
      /line 4: found 0 as 5_o_Clock_Shadow, expected 1 or -1/,
      6,
      2,
    ],
    [changed('list_attr_celeba.txt', (t) => `${t.trimEnd()} 1\n`), /line 9: found 41 values, expected 40/, 6, 2],
    [
      changed('list_bbox_celeba.txt', (t) => t.replace(/^(000003\.jpg) .*$/m, '$1 1 2 3 nan')),
      /line 5: found nan as height/,
      6,
      2,
    ],
    [
      changed('list_landmarks_align_celeba.txt', (t) => t.replace(/^(000003\.jpg +)\d+/m, '$199999999')),
      /found 99999999 as lefteye_x/,
      6,
      2,
    ],
    [
      changed('identity_CelebA.txt', (t) => t.replace('000004.jpg', '000001.jpg')),
      /line 4: 000001\.jpg comes twice/,
      6,
      2,
    ],
    [
      changed('identity_CelebA.txt', (t) => t.replace('000004.jpg', '../../etc/passwd')),
      /line 4: found the name '\.\.\/\.\.\/etc/,
      6,
      2,
    ],
    [
      changed('list_eval_partition.txt', (t) => t.replace('000004.jpg', '/etc/passwd')),
      /line 4: found the name '\/etc/,
      6,
      5,
    ],
    [
      changed('list_eval_partition.txt', (t) => t.replace('000002.jpg 0', '000002.jpg 3')),
      /line 2: found 3 as value 1, expected 0 to 2/,
      6,
      5,
    ],
    [
      changed('list_eval_partition.txt', (t) => `${t}000009.jpg 0\n`),
      /000009\.jpg: has no row in list_attr_celeba\.txt/,
      7,
      1,
    ],
  ];
  for (const [files, message, kept, bad] of cases) {
    const root = make(files);
    await refuses(openCelebA(root, { split: 'all', targetType: all }), FormatError, message);
    const data = await openCelebA(root, { split: 'all', targetType: all, skipBad: true });
    assert.equal([data.count, data.bad.length], [kept, bad], `${message}: ${JSON.stringify(data.bad, null, 1)}`);
    await data.get(kept - 1);
  }
  await refuses(openCelebA(make({ ...sound, 'list_attr_celeba.txt': '' })), FormatError, /found 0 rows/);
  await refuses(
    openCelebA(make({ ...sound, 'list_attr_celeba.txt': '1\nBald\n1.jpg 1\n' })),
    FormatError,
    /line 2: found 1 names of columns/,
  );
});

test('a missing image is refused by its row, or left out', async () => {
  const { 'img_align_celeba/000002.jpg': gone, ...rest } = sound;
  const root = make(rest);
  assert.ok(gone);
  await refuses(
    openCelebA(root),
    FormatError,
    /list_eval_partition\.txt, 000002\.jpg: .*img_align_celeba\/000002\.jpg is missing/,
  );
  const data = await openCelebA(root, { skipBad: true });
  assert.equal([data.count, data.file(1), data.bad.length], [2, '000003.jpg', 1]);
  assert.is((await openCelebA(root, { split: 'test' })).count, 2, 'other splits do not need it');
});

test('an image that is damaged or links out of the folder is refused when it is read', async () => {
  const { 'img_align_celeba/000002.jpg': image, 'img_align_celeba/000003.jpg': _, ...rest } = sound;
  const root = make({ ...rest, 'img_align_celeba/000002.jpg': (image as Uint8Array).subarray(0, 300) });
  const elsewhere = make();
  writeFileSync(join(elsewhere, 'x.jpg'), image!);
  symlinkSync(join(elsewhere, 'x.jpg'), join(root, 'img_align_celeba/000003.jpg'));
  const data = await openCelebA(root);
  await refuses(data.get(1), FormatError, /000002\.jpg/);
  await refuses(data.get(2), FormatError, /000003\.jpg: is a link to .*, outside/);
  await refuses(data.get(3), ShapeError, 'celeba: index 3 is outside the 3 samples');
  assert.is((await (await openCelebA(root, { allowLinks: true })).get(2)).image.width, 18);
});

test('openCelebA says which files to get, with their hashes', async () => {
  const root = make({ 'list_eval_partition.txt': sound['list_eval_partition.txt']! });
  await refuses(
    openCelebA(root),
    DatasetNotFoundError,
    'list_attr_celeba.txt (md5 75e246fa4810816ffd6ee81facbd244c) https://drive.google.com/uc?id=0B7EVK8r0v71pblRyaVFSWGxPY0U',
    'img_align_celeba.zip (md5 00d2c5bc6d35e252742224ab0c1e8fcb)',
    root,
  );
  await refuses(openCelebA(join(root, 'none')), DatasetNotFoundError, 'list_eval_partition.txt');
  await refuses(
    openCelebA(root, { split: 'val' as 'valid' }),
    ShapeError,
    "split is train, valid, test, all, given 'val'",
  );
  await refuses(openCelebA(root, { targetType: 'pose' as 'attr' }), ShapeError, "landmarks, given 'pose'");
});

test('a worker opens the same data set from its source', async () => {
  const data = await openCelebA(folderFixture('celeba'), { split: 'test', targetType: ['attr', 'identity'] });
  const { module, export: name, args } = structuredClone(data.source!);
  const again: typeof data = await (await import(module))[name](...args);
  assert.equal(await again.get(1), await data.get(1));
});

test.run();

import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DatasetNotFoundError, type ImageFolder, openImageFolder } from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { folderFixtures } from './folderFixtures.ts';
import { imageBytes } from './imageFixtures.ts';
import { refuses } from './refusal.ts';
import { age, temporaryFolders } from './temporaryFolders.ts';

const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const png = imageBytes('tiny-2x3-interlaced.png');

function folderWith(paths: readonly string[]): string {
  return make(Object.fromEntries(paths.map((path) => [path, png])));
}

function pathsOf(data: ImageFolder, root: string): string[] {
  return Array.from({ length: data.count }, (_, i) => relative(root, data.path(i)));
}

const uncached = { cache: false } as const;

test('openImageFolder numbers classes and images as torchvision', async () => {
  const { files, classes, samples } = folderFixtures.imageFolder;
  const root = folderWith(files);
  const data = await openImageFolder(root, uncached);
  assert.equal(data.classes, classes);
  assert.equal(
    [...data.classToIdx],
    classes.map((name, i) => [name, i]),
  );
  assert.equal(
    pathsOf(data, root).map((path, i) => [path, data.labels![i]]),
    samples,
  );
  assert.equal([data.count, data.bad], [samples.length, []]);
  const { image, target } = await data.get(3);
  assert.equal([image.width, image.height, image.channels, target], [3, 2, 3, samples[3]![1]]);
});

test('openImageFolder reads pixels as PIL: EXIF orientation is not applied, grey becomes RGB', async () => {
  const root = make({ 'a/6.jpg': imageBytes('orientation6.jpg'), 'a/grey.png': imageBytes('grey8.png') });
  const data = await openImageFolder(root, uncached);
  const [turned, grey] = [(await data.get(0)).image, (await data.get(1)).image];
  assert.ok(turned.width > turned.height, 'the stored pixels lie on their side');
  assert.is(grey.channels, 3);
});

test('openImageFolder passes over names with a dot, and takes the extensions it is given', async () => {
  const root = folderWith(['a/1.png', 'a/._1.png', '.git/1.png', 'a/.hidden/1.png', 'a/2.webp', 'a/3.SCAN']);
  assert.equal(pathsOf(await openImageFolder(root, uncached), root), ['a/1.png', 'a/2.webp']);
  assert.equal(pathsOf(await openImageFolder(root, { ...uncached, extensions: ['.Scan'] }), root), ['a/3.SCAN']);
  await refuses(openImageFolder(root, { extensions: [] }), ShapeError, /extensions are endings such as '.png'/);
});

test('openImageFolder refuses an empty class, or keeps its number', async () => {
  const root = folderWith(['a/1.png', 'b/readme.txt', 'c/1.png']);
  await refuses(openImageFolder(root, uncached), FormatError, /found no image .* for the classes b; allowEmpty/);
  const open = await openImageFolder(root, { ...uncached, allowEmpty: true });
  assert.equal([open.classes, [...open.labels!], open.bad], [['a', 'b', 'c'], [0, 2], []]);
  const skipped = await openImageFolder(root, { ...uncached, skipBad: true });
  assert.equal(
    [skipped.classes, [...skipped.labels!]],
    [
      ['a', 'b', 'c'],
      [0, 2],
    ],
  );
  assert.equal(
    skipped.bad.map(({ record }) => record),
    [join(root, 'b')],
  );
});

test('openImageFolder says so when there is nothing to open', async () => {
  const root = folderWith(['1.png']);
  await refuses(openImageFolder(root, uncached), DatasetNotFoundError, /found no class folder; expected .*<class>/);
  await refuses(openImageFolder(join(root, 'none')), DatasetNotFoundError, /there is no such folder/);
  await refuses(openImageFolder(join(root, '1.png')), DatasetNotFoundError, /is no folder/);
});

test('openImageFolder follows links within the folder and refuses those that leave it', async () => {
  const secret = folderWith(['secret/1.png']);
  const root = folderWith(['a/1.png', 'b/1.png']);
  symlinkSync('1.png', join(root, 'a/2.png'));
  symlinkSync('../a', join(root, 'b/more'));
  assert.equal(pathsOf(await openImageFolder(root, uncached), root), [
    'a/1.png',
    'a/2.png',
    'b/1.png',
    'b/more/1.png',
    'b/more/2.png',
  ]);
  symlinkSync(join(secret, 'secret'), join(root, 'c'));
  symlinkSync(join(secret, 'secret/1.png'), join(root, 'a/3.png'));
  symlinkSync('nowhere.png', join(root, 'a/4.png'));
  symlinkSync('..', join(root, 'b/loop'));
  execFileSync('mkfifo', [join(root, 'b/pipe.png')]);
  await refuses(openImageFolder(root, uncached), FormatError, /is a link to|is no file/);
  const data = await openImageFolder(root, { ...uncached, skipBad: true });
  assert.equal(data.classes, ['a', 'b']);
  assert.is(data.count, 5);
  const reasons = Object.fromEntries(data.bad.map(({ record, reason }) => [relative(root, record), reason]));
  assert.match(reasons.c!, `is a link to ${join(secret, 'secret')}, outside ${root}`);
  assert.match(reasons['a/3.png']!, 'outside');
  assert.match(reasons['a/4.png']!, 'is a link that leads nowhere (ENOENT)');
  assert.match(reasons['b/loop']!, 'which it lies in');
  assert.is(reasons['b/pipe.png'], 'is no file');
  assert.is(data.bad.length, 7, 'two of them also by way of b/more');
  const followed = await openImageFolder(root, { ...uncached, skipBad: true, allowLinks: true });
  assert.equal(followed.classes, ['a', 'b', 'c']);
  assert.is((await followed.get(followed.count - 1)).image.width, 3);
});

test('openImageFolder does not follow links that multiply folders', async () => {
  const levels = Array.from({ length: 20 }, (_, i) => `z${i}`);
  const root = folderWith(['a/1.png', ...levels.map((level) => `${level}/1.png`)]);
  for (const [i, level] of levels.slice(1).entries()) {
    for (const name of ['left', 'right']) symlinkSync(join(root, level), join(root, `z${i}`, name));
  }
  await refuses(openImageFolder(root, uncached), FormatError, /is a link to .*z\d+, as 16 others are/);
  const data = await openImageFolder(root, { ...uncached, skipBad: true });
  assert.ok(data.count < 400, `${data.count} images`);
  assert.ok(data.bad.length > 0);
});

test('openImageFolder checks again where a file lies when it is read', async () => {
  const secret = folderWith(['1.png']);
  const root = folderWith(['a/1.png', 'a/2.png']);
  const data = await openImageFolder(root, uncached);
  rmSync(join(root, 'a/1.png'));
  symlinkSync(join(secret, '1.png'), join(root, 'a/1.png'));
  await refuses(data.get(0), FormatError, /a\/1\.png: is a link to .*, outside/);
  rmSync(join(root, 'a/2.png'));
  await refuses(data.get(1), FormatError, /a\/2\.png: is missing/);
});

test('get names the file that is no picture, truncated or of a format without a decoder', async () => {
  const root = make({
    'a/1.png': png.subarray(0, 40),
    'a/2.jpg': imageBytes('444.jpg').subarray(0, 200),
    'a/3.bmp': 'BM',
  });
  const data = await openImageFolder(root, uncached);
  await refuses(data.get(0), FormatError, /a\/1\.png: .*truncated/);
  await refuses(data.get(1), FormatError, /a\/2\.jpg: /);
  await refuses(data.get(2), FormatError, /a\/3\.bmp: at byte 0: .*expected a JPEG or PNG/);
  for (const index of [-1, 3, 0.5, Number.NaN]) {
    await refuses(data.get(index), ShapeError, `image-folder: index ${index} is outside the 3 samples`);
  }
});

test('the list of files is kept outside the data and made again when a folder changes', async () => {
  const root = folderWith(['a/1.png', 'a/deep/2.png', 'b/1.png']);
  const cache = join(make(), 'indexes');
  const open = async (): Promise<string[]> => pathsOf(await openImageFolder(root, { cache, skipBad: true }), root);
  await open();
  assert.not.ok(statSync(cache, { throwIfNoEntry: false }), 'folders that have just changed may change again unseen');
  age(root);
  const first = await open();
  const [file] = readdirSync(cache);
  const made = statSync(join(cache, file!)).ino;
  assert.equal(await open(), first);
  assert.is(statSync(join(cache, file!)).ino, made, 'an index that holds is not written again');

  writeFileSync(join(root, 'a/deep/3.png'), png);
  assert.equal(await open(), ['a/1.png', 'a/deep/2.png', 'a/deep/3.png', 'b/1.png']);
  age(root);
  await open();
  renameSync(join(root, 'b'), join(root, 'c'));
  assert.equal((await openImageFolder(root, { cache })).classes, ['a', 'c']);
  age(root);
  await open();
  rmSync(join(root, 'a/1.png'));
  mkdirSync(join(root, 'a/1.png'));
  assert.equal(await open(), ['a/deep/2.png', 'a/deep/3.png', 'c/1.png']);
  assert.equal(readdirSync(root).sort(), ['a', 'c'], 'nothing is written beside the images');
});

test('the kept list is really used, and a damaged one is not', async () => {
  const root = folderWith(['a/1.png', 'a/2.png']);
  const cache = make();
  age(root);
  await openImageFolder(root, { cache });
  const file = join(cache, readdirSync(cache)[0]!);
  const sound = readFileSync(file);
  // the names at its end, changed together with its hash
  const changed = Buffer.from(sound.subarray(32).toString('latin1').replace('2.png', '3.png'), 'latin1');
  const { createHash } = await import('node:crypto');
  writeFileSync(file, Buffer.concat([createHash('sha256').update(changed).digest(), changed]));
  assert.equal(pathsOf(await openImageFolder(root, { cache }), root), ['a/1.png', 'a/3.png']);
  for (const damaged of [Buffer.alloc(0), sound.subarray(0, -3), Buffer.concat([sound.subarray(0, 32), changed])]) {
    writeFileSync(file, damaged);
    assert.equal(pathsOf(await openImageFolder(root, { cache }), root), ['a/1.png', 'a/2.png']);
    assert.equal(readFileSync(file), sound, 'it has been made again');
  }
});

test('what was bad is bad from the kept list too', async () => {
  const root = folderWith(['a/1.png']);
  symlinkSync('none.png', join(root, 'a/2.png'));
  const cache = make();
  age(root);
  const first = await openImageFolder(root, { cache, skipBad: true });
  assert.equal((await openImageFolder(root, { cache, skipBad: true })).bad, first.bad);
  await refuses(openImageFolder(root, { cache }), FormatError, /2\.png: is a link that leads nowhere/);
});

test('a worker opens the same data set from its source', async () => {
  const data = await openImageFolder(folderWith(['a/1.png', 'b/1.png']), uncached);
  const { module, export: name, args } = structuredClone(data.source!);
  const again: ImageFolder = await (await import(module))[name](...args);
  assert.equal(await again.get(1), await data.get(1));
});

test.run();

import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CITYSCAPES_CLASSES } from '../../datasets/index.ts';
import { DatasetNotFoundError, openCityscapes } from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { filesOf, folderFixture, folderFixtures, pixelHash } from './folderFixtures.ts';
import { refuses } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const types = ['semantic', 'instance', 'polygon', 'color'] as const;
const allTypes = [...types, 'semanticTrainIds'] as const;
const sound = filesOf(folderFixture('cityscapes'));
const target = (name: string): string => `gtFine/val/ulm/ulm_000000_000019_gtFine_${name}`;
const image = 'leftImg8bit/val/ulm/ulm_000000_000019_leftImg8bit.png';

test('the table of classes is the one of torchvision', () => {
  assert.equal(CITYSCAPES_CLASSES, folderFixtures.cityscapes.classes);
});

for (const [mode, split] of [
  ['fine', 'train'],
  ['fine', 'val'],
  ['coarse', 'train_extra'],
] as const) {
  test(`${split} in mode ${mode} has torchvision's images and targets, by city and name`, async () => {
    const root = folderFixture('cityscapes');
    const expected = folderFixtures.cityscapes.samples[`${mode} ${split}`]!;
    const data = await openCityscapes(root, { mode, split, targetType: types });
    assert.equal([data.count, data.bad], [expected.length, []]);
    for (const [i, sample] of expected.entries()) {
      assert.is(relative(root, data.path(i)), sample.path);
      const { image, target } = await data.get(i);
      const [semantic, instance, polygon, color] = target;
      assert.is(pixelHash(image), sample.sha256);
      assert.equal([semantic.width, semantic.height, [...semantic.data]], [8, 4, sample.semantic]);
      assert.equal([...instance.data], sample.instance, 'all 16 bits');
      assert.equal(polygon, sample.polygon);
      assert.is(pixelHash(color), sample.color);
    }
  });
}

test('train ids are read by their own target type, one type gives its target alone', async () => {
  const root = folderFixture('cityscapes');
  const semantic = await openCityscapes(root, { targetType: 'semantic' });
  const trainIds = await openCityscapes(root, { targetType: 'semanticTrainIds' });
  const trainId = new Map(CITYSCAPES_CLASSES.map((each) => [each.id, each.trainId]));
  const ids: Uint8Array = (await semantic.get(0)).target.data;
  assert.equal(
    [...(await trainIds.get(0)).target.data],
    Array.from(ids, (id) => trainId.get(id)),
  );
  assert.ok((await (await openCityscapes(root)).get(0)).target.data instanceof Uint16Array, 'instances by default');
});

test('targets that do not fit their image or their format are refused where they are wrong', async () => {
  const other = sound['leftImg8bit/train/zurich/zurich_000001_000019_leftImg8bit.png']!;
  const labels = (value: number, bits: 8 | 16 = 8): Uint8Array =>
    grey(8, 4, bits, (x, y) => (x === 3 && y === 2 ? value : 7));
  const polygons = (change: object): string =>
    JSON.stringify({ ...folderFixtures.cityscapes.samples['fine val']![0]!.polygon, ...change });
  const withPoint = (point: unknown): string =>
    polygons({ objects: [{ label: 'sky', polygon: [[0, 0], [8, 4], point] }] });
  const cases: [file: string, content: Uint8Array | string, message: RegExp][] = [
    [target('labelIds.png'), labels(34), /labelIds\.png: at pixel \(3, 2\): found 34, expected a class id of 0 to 33/],
    [target('labelIds.png'), labels(255), /found 255/],
    [target('labelIds.png'), labels(7, 16), /found grey of 16 bits, expected grey of 8 bits/],
    [target('labelIds.png'), other, /found rgb of 8 bits, expected grey/],
    [target('labelIds.png'), grey(8, 3, 8, () => 7), /labelIds\.png: found 8x3 pixels, but its image has 8x4/],
    [target('labelIds.png'), 'no picture', /labelIds\.png: at byte 0: expected a PNG/],
    [target('labelIds.png'), sound[target('labelIds.png')]!.subarray(0, 60), /labelIds\.png: .*truncated/],
    [target('labelTrainIds.png'), labels(20), /labelTrainIds\.png: at pixel \(3, 2\): found 20, expected a train id/],
    [target('instanceIds.png'), labels(34000, 16), /instanceIds\.png: at pixel \(3, 2\): found 34000, expected/],
    [target('instanceIds.png'), labels(999, 16), /found 999/],
    [target('color.png'), grey(9, 4, 8, () => 0), /color\.png: found 9x4 pixels/],
    [target('polygons.json'), '{"imgWidth": 8', /polygons\.json: is no JSON: /],
    [target('polygons.json'), '[]', /polygons\.json: found no JSON object/],
    [target('polygons.json'), polygons({ imgWidth: 9 }), /polygons\.json: found 9x4 pixels, but its image has 8x4/],
    [target('polygons.json'), polygons({ imgHeight: 1e9 }), /imgHeight: found 1000000000, expected 1 to 65536/],
    [target('polygons.json'), polygons({ objects: {} }), /objects: found \{\}, expected an array/],
    [target('polygons.json'), polygons({ objects: [null] }), /objects\[0\]\.label: found nothing/],
    [target('polygons.json'), polygons({ objects: [{ label: 'car', polygon: 5 }] }), /objects\[0\]\.polygon: found 5/],
    [
      target('polygons.json'),
      withPoint([500, 1]),
      /objects\[0\]\.polygon\[2\]: found \[500,1\], expected .* within 8x4/,
    ],
    [target('polygons.json'), withPoint([1, -40]), /polygon\[2\]: found \[1,-40\]/],
    [target('polygons.json'), withPoint([1, '2']), /polygon\[2\]: found \[1,"2"\]/],
    [target('polygons.json'), withPoint([1, null]), /polygon\[2\]: found \[1,null\]/],
    [target('polygons.json'), withPoint([1]), /polygon\[2\]: found \[1\]/],
    [image, sound[image]!.subarray(0, 60), /leftImg8bit\.png: .*truncated/],
  ];
  for (const [file, content, message] of cases) {
    const data = await openCityscapes(make({ ...sound, [file]: content }), { split: 'val', targetType: allTypes });
    await refuses(data.get(0), FormatError, message);
  }
  const atTheEdge = make({ ...sound, [target('polygons.json')]: withPoint([-3, 9.5]) });
  assert.ok(await (await openCityscapes(atTheEdge, { split: 'val', targetType: 'polygon' })).get(0));
});

test('an image without a target and a target without an image are refused, or left out', async () => {
  for (const [gone, message] of [
    [target('instanceIds.png'), /instanceIds\.png: is missing/],
    [image, /instanceIds\.png: its image leftImg8bit\/val\/ulm\/.* is missing/],
  ] as const) {
    const { [gone]: _, ...rest } = sound;
    const files = { ...rest, 'leftImg8bit/val/ulm/notes.txt': '', 'gtFine/val/ulm/._x_gtFine_instanceIds.png': '' };
    const more = Object.entries(sound).filter(([path]) => path.includes('/train/zurich/'));
    const root = make({
      ...files,
      ...Object.fromEntries(more.map(([path, bytes]) => [path.replace('/train/', '/val/'), bytes])),
    });
    await refuses(openCityscapes(root, { split: 'val' }), FormatError, message);
    const data = await openCityscapes(root, { split: 'val', skipBad: true });
    assert.equal([data.count, data.bad.length], [1, 1]);
    assert.match(data.path(0), 'zurich');
  }
  const { [target('labelIds.png')]: _, ...rest } = sound;
  await refuses(
    openCityscapes(make(rest), { split: 'val', targetType: 'semantic' }),
    FormatError,
    /labelIds\.png: is missing; .*labelTrainIds\.png is there: targetType 'semanticTrainIds' reads it/,
  );
});

test('links that leave the folder are refused', async () => {
  const { [image]: bytes, ...rest } = sound;
  const outside = make({ 'x.png': bytes!, 'city/ulm_000000_000019_leftImg8bit.png': bytes! });
  const root = make({ ...rest, 'leftImg8bit/val/ulm/.keep': '' });
  symlinkSync(join(outside, 'x.png'), join(root, image));
  await refuses((await openCityscapes(root, { split: 'val' })).get(0), FormatError, /is a link to .*, outside/);
  const linked = make({ ...rest, 'leftImg8bit/val/.keep': '' });
  symlinkSync(join(outside, 'city'), join(linked, 'leftImg8bit/val/ulm'));
  await refuses(openCityscapes(linked, { split: 'val' }), FormatError, /val\/ulm: is a link to .*, outside/);
  assert.is((await openCityscapes(linked, { split: 'val', allowLinks: true })).count, 1);
});

test('openCityscapes says which files to get', async () => {
  const root = make({ 'gtCoarse.zip': '' });
  await refuses(
    openCityscapes(root, { mode: 'coarse', split: 'train_extra' }),
    DatasetNotFoundError,
    'register at https://www.cityscapes-dataset.com/downloads/',
    'unpack leftImg8bit_trainextra.zip and gtCoarse.zip in',
    '(gtCoarse.zip is there, still packed)',
  );
  await refuses(openCityscapes(root, { split: 'train_extra' }), ShapeError, 'split is train, val, test in mode fine');
  await refuses(openCityscapes(root, { mode: 'rough' as 'fine' }), ShapeError, "mode is fine or coarse, given 'rough'");
  await refuses(openCityscapes(root, { targetType: [] }), ShapeError, "given '[]'");
  await refuses(openCityscapes(root, { targetType: 'depth' as 'color' }), ShapeError, "given 'depth'");
});

test('a worker opens the same data set from its source', async () => {
  const data = await openCityscapes(folderFixture('cityscapes'), { targetType: allTypes });
  const { module, export: name, args } = structuredClone(data.source!);
  const again: typeof data = await (await import(module))[name](...args);
  assert.equal(await again.get(2), await data.get(2));
});

const real = process.env.WGRAD_DATA ? join(process.env.WGRAD_DATA, 'formats', 'cityscapes') : '';

(real ? test : test.skip)('files that another tool wrote are read: train ids and 16-bit instances', async () => {
  const data = await openCityscapes(real, { split: 'test', targetType: ['semanticTrainIds', 'instance'] });
  assert.is(data.count, 2);
  const { target } = await data.get(0);
  assert.equal(
    [[...target[0].data], [...target[1].data]],
    [
      [19, 19, 14, 14, 14],
      [3, 3, 27001, 27002, 27002],
    ],
  );
  for (const split of ['train', 'val'] as const) assert.ok(await (await openCityscapes(real, { split })).get(0));
  await refuses(
    openCityscapes(real, { targetType: 'semantic' }),
    FormatError,
    "targetType 'semanticTrainIds' reads it",
  );
});

test.run();

/** A grey PNG whose levels are these numbers. */
function grey(width: number, height: number, bitDepth: 8 | 16, level: (x: number, y: number) => number): Uint8Array {
  const png = new PNG({ width, height });
  const levels = Array.from({ length: width * height }, (_, i) => level(i % width, Math.floor(i / width)));
  const samples = bitDepth === 8 ? Uint8Array.from(levels) : Uint16Array.from(levels);
  png.data = Buffer.from(samples.buffer);
  const options = { colorType: 0, inputColorType: 0, bitDepth, inputHasAlpha: false } as const;
  return new Uint8Array(PNG.sync.write(png, options));
}

// COCO's annotation files: the miniature of the test data, made ones, and damaged ones.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COCO_CATEGORIES, rleArea, rleBox, rleToMask, segmentationToRle } from '../../datasets/index.ts';
import {
  type CocoOptions,
  DatasetNotFoundError,
  encodePng,
  openCocoCaptions,
  openCocoDetection,
  openCocoKeypoints,
} from '../../datasets/node/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { refuses } from './refusal.ts';

const created: string[] = [];
test.after(() => {
  for (const folder of created) rmSync(folder, { recursive: true });
});

type Json = Record<string, unknown>;

const [WIDTH, HEIGHT] = [6, 4];
const IMAGES: Json[] = [
  { id: 9, file_name: 'nine.png', width: WIDTH, height: HEIGHT },
  { id: 2, file_name: 'sub/two.png', width: WIDTH, height: HEIGHT },
];
const CATEGORIES: Json[] = [
  { id: 18, name: 'dog', supercategory: 'animal' },
  { id: 1, name: 'person', supercategory: 'person', keypoints: ['nose', 'left_eye'], skeleton: [[1, 2]] },
];
const BOX: Json = { id: 5, image_id: 9, category_id: 18, bbox: [1, 1, 3, 2], area: 6, iscrowd: 0 };
const POINTS: Json = { ...BOX, category_id: 1, keypoints: [1, 1, 2, 0, 0, 0], num_keypoints: 1 };

/** A folder with images and `annotations.json`, a text or what becomes one. */
function coco(json: unknown): { root: string; file: string } {
  const root = mkdtempSync(join(tmpdir(), 'wgrad-'));
  created.push(root);
  const png = encodePng({ width: WIDTH, height: HEIGHT, channels: 1, data: new Uint8Array(WIDTH * HEIGHT).fill(7) });
  mkdirSync(join(root, 'images', 'sub'), { recursive: true });
  for (const name of ['images/nine.png', 'images/sub/two.png', 'outside.png']) writeFileSync(join(root, name), png);
  const file = join(root, 'annotations.json');
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return { root: join(root, 'images'), file };
}

function withAnnotations(...annotations: Json[]): Json {
  return { info: { year: '2017 } ] " \\' }, images: IMAGES, annotations, categories: CATEGORIES };
}

const miniature = process.env.WGRAD_DATA && join(process.env.WGRAD_DATA, 'formats', 'coco');
const real = (name: string, run: (root: string) => Promise<void>) =>
  miniature ? test(name, () => run(miniature)) : test.skip(`${name} (WGRAD_DATA is not set)`, () => {});

real('the miniature: instances with polygons and run lengths', async (root) => {
  const dataset = await openCocoDetection(join(root, 'images/val'), join(root, 'annotations/instances_val.json'));
  assert.is(dataset.count, 1);
  assert.equal(dataset.classes, ['a', 'b', 'c']);
  assert.equal(dataset.images, [{ id: 40, fileName: 'b.jpg', width: 5, height: 10 }]);
  const { image, target } = await dataset.get(dataset.indexOf(40));
  assert.equal([image.width, image.height, image.channels], [5, 10, 3]);
  assert.equal(
    target.map(({ id, imageId, category, categoryId, bbox, iscrowd }) => [
      id,
      imageId,
      category,
      categoryId,
      bbox,
      iscrowd,
    ]),
    [
      [1, 40, 0, 1, [0, 0, 1, 2], false],
      [2, 40, 1, 2, [0, 0, 1, 9], true],
    ],
  );
  const masks = target.map(({ segmentation }) => segmentationToRle(segmentation!, image));
  assert.equal(masks.map(rleArea), [2, 20]);
  assert.equal(masks.map(rleBox), [
    [0, 0, 1, 2],
    [0, 0, 2, 10],
  ]);
  assert.equal([...rleToMask(masks[1]!).subarray(0, 10)], [1, 1, 0, 0, 0, 1, 1, 0, 0, 0]);
});

real('the miniature: keypoints, captions, stuff and a file without annotations', async (root) => {
  const images = join(root, 'images/val');
  const file = (name: string) => join(root, 'annotations', `${name}_val.json`);
  const keypoints = await openCocoKeypoints(images, file('person_keypoints'));
  const people = await keypoints.target(0);
  assert.equal(people[1]!.keypoints, [2, 4, 2, 4, 4, 2, 4, 2, 2]);
  assert.is(people[1]!.numKeypoints, 3);
  assert.equal(keypoints.categories[0]!.skeleton, [
    [0, 1],
    [1, 2],
  ]);
  const captions = await openCocoCaptions(images, file('captions'));
  assert.equal((await captions.get(0)).target, ['world', 'text']);
  const stuff = await openCocoDetection(images, file('stuff'));
  assert.is(rleArea(segmentationToRle((await stuff.target(0))[0]!.segmentation!, stuff.images[0]!)), 20);
  const unlabelled = await openCocoDetection(images, file('image_info'));
  assert.equal((await unlabelled.get(0)).target, []);
});

real('the miniature: files of another kind are refused with the function that reads them', async (root) => {
  const images = join(root, 'images/val');
  const file = (name: string) => join(root, 'annotations', `${name}_val.json`);
  await refuses(openCocoKeypoints(images, file('instances')), FormatError, /annotations 1 .*: has no keypoints/s);
  await refuses(openCocoCaptions(images, file('instances')), FormatError, /annotations 1 .*: caption is missing/s);
  await refuses(openCocoDetection(images, file('captions')), FormatError, /openCocoCaptions/s);
  await refuses(openCocoDetection(images, file('labels')), FormatError, /annotations 1 .*: bbox is missing/s);
  await refuses(openCocoDetection(images, file('panoptic')), FormatError, /annotations 7 .*category_id is missing/s);
});

test('samples are in order of id, annotations in the order of the file, classes without gaps', async () => {
  const second = { ...BOX, id: 3, category_id: 1, bbox: [0.5, 0, 1e-3, 0] };
  const { root, file } = coco(withAnnotations(BOX, { ...BOX, id: 7, image_id: 2 }, second));
  const dataset = await openCocoDetection(root, file);
  assert.equal(
    dataset.images.map(({ id }) => id),
    [2, 9],
  );
  assert.equal(dataset.classes, ['person', 'dog']);
  assert.equal(
    (await dataset.target(1)).map(({ id, category }) => [id, category]),
    [
      [5, 1],
      [3, 0],
    ],
  );
  assert.is((await dataset.get(0)).image.data[0], 7);
  assert.equal([dataset.indexOf(9), dataset.indexOf(3)], [1, -1]);
  assert.equal(dataset.categories[0]!.skeleton, [[0, 1]]);
  await refuses(dataset.get(2), ShapeError, /index 2 is outside the 2 samples/s);
  await refuses(dataset.get(Number.NaN), ShapeError, /NaN/s);
});

test('an image without annotations has an empty target, and a test set none at all', async () => {
  const { root, file } = coco({ images: IMAGES, categories: CATEGORIES });
  const dataset = await openCocoDetection(root, file);
  assert.equal(await dataset.target(0), []);
});

test('a worker opens the same data set', async () => {
  const { root, file } = coco(withAnnotations(BOX));
  const { source, get } = await openCocoDetection(root, file);
  const module = await import(source!.module);
  const again = await module[source!.export](...structuredClone(source!.args));
  assert.equal(await again.get(1), await get(1));
});

const damaged: [name: string, annotation: Json, message: string][] = [
  ['an image that is not listed', { image_id: 10 }, 'image_id is 10, which is not among the images'],
  ['no image', { image_id: undefined }, 'image_id is missing'],
  ['a category that is not listed', { category_id: 2 }, 'category_id is 2, which is not among the categories'],
  ['a box of a negative size', { bbox: [1, 1, -3, 2] }, 'bbox is \\[1,1,-3,2\\]'],
  ['a box with three numbers', { bbox: [1, 1, 3] }, 'bbox is \\[1,1,3\\], expected 4 finite numbers'],
  ['a box with null', { bbox: [1, 1, 3, null] }, 'bbox is'],
  ['run lengths that do not fill the mask', rle([4, 5]), 'sum to 9, expected 4 x 6 = 24'],
  ['negative run lengths', rle([30, -6]), 'run 1 is -6'],
  ['run lengths of another image', rle([25], [5, 5]), 'are for \\[5,5\\], the image is \\[4, 6\\]'],
  ['run lengths as damaged text', rle('5~'), 'character 1'],
  ['run lengths without counts', { segmentation: { size: [4, 6] } }, 'expected polygons, or run lengths'],
  ['a polygon with an odd number of coordinates', { segmentation: [[0, 0, 1, 1, 2]] }, 'given 5 numbers'],
  ['a polygon without coordinates', { segmentation: [[]] }, 'given 0 numbers'],
  ['a polygon that is endless', { segmentation: [[0, 0, 1e300, 0, 1, 1]] }, 'pixels long'],
  ['a polygon of text', { segmentation: [['a', 'b']] }, 'lists of numbers'],
  ['keypoints that are no triples', { category_id: 1, keypoints: [1, 1] }, 'keypoints has 2 numbers'],
  ['too few keypoints', { category_id: 1, keypoints: [1, 1, 2] }, 'has 3 numbers, expected 3 for each of the 2 points'],
  ['a visibility of 3', { category_id: 1, keypoints: [1, 1, 3, 0, 0, 0] }, 'visibility is 3'],
  ['another count of keypoints', { ...POINTS, num_keypoints: 2 }, 'num_keypoints is 2, but 1 points are labelled'],
  ['an id that was there before', { id: 4 }, 'has the id of one before'],
  ['an id that is no number', { id: 'x' }, 'id is "x"'],
  ['an iscrowd of 2', { iscrowd: 2 }, 'iscrowd is 2'],
  ['a negative area', { area: -1 }, 'area is -1'],
];
for (const [name, change, message] of damaged) {
  test(`an annotation with ${name} is refused, or left out and listed`, async () => {
    const { root, file } = coco(withAnnotations({ ...BOX, id: 4 }, { ...BOX, ...change }));
    await refuses(
      openCocoDetection(root, file),
      FormatError,
      new RegExp(`annotations.json: annotations .*${message}`, 's'),
    );
    const dataset = await openCocoDetection(root, file, { skipBad: true });
    assert.is(dataset.bad.length, 1);
    assert.match(dataset.bad[0]!.record, /annotations\.json: annotations (5|4|#1) \(byte \d+\)$/);
    assert.match(dataset.bad[0]!.reason, new RegExp(message));
    assert.equal(
      (await dataset.target(1)).map(({ id }) => id),
      [4],
    );
  });
}

function rle(counts: unknown, size: unknown = [HEIGHT, WIDTH]): Json {
  return { segmentation: { size, counts } };
}

test('NaN, which Python writes and JSON has not, is told with the id of the annotation', async () => {
  const text = JSON.stringify(withAnnotations(BOX)).replace('[1,1,3,2]', '[NaN,1,3,2]');
  const { root, file } = coco(text);
  await refuses(openCocoDetection(root, file), FormatError, /annotations 5 \(byte \d+\): is no JSON.*/s);
  const { bad, count } = await openCocoDetection(root, file, { skipBad: true });
  assert.equal([bad.length, count], [1, 2]);
});

const badImages: [name: string, image: Json, message: string][] = [
  ['is missing', { file_name: 'three.png' }, 'three.png: is missing'],
  ['lies above the folder', { file_name: '../outside.png' }, 'expected a path below'],
  ['lies above by a detour', { file_name: 'sub/../../outside.png' }, 'expected a path below'],
  ['has an absolute path', { file_name: '/etc/hostname' }, 'expected a path below'],
  ['lies behind a backslash', { file_name: '..\\outside.png' }, 'expected a path below'],
  ['is behind a drive letter', { file_name: 'C:x.png' }, 'expected a path below'],
  ['is a link that leaves the folder', { file_name: 'link.png' }, 'is a link to .*outside.png, outside'],
  ['is a folder', { file_name: 'sub' }, 'is no file'],
  ['lies below a file', { file_name: 'nine.png/x.png' }, 'nine.png'],
  ['has no name', { file_name: undefined }, 'file_name is missing'],
  ['is absurdly large', { width: 1e9, height: 1e9 }, '1000000000 x 1000000000 pixels'],
  ['has no pixels', { width: 0 }, 'is 0 x 4 pixels'],
  ['has the id of another', { id: 2 }, 'has the id of one before'],
];
for (const [name, change, message] of badImages) {
  test(`an image that ${name} is refused, or left out with its annotations and listed`, async () => {
    const image = { ...IMAGES[0], id: 3, ...change };
    const { root, file } = coco({
      images: [...IMAGES, image],
      annotations: [BOX, { ...BOX, id: 6, image_id: image.id }],
      categories: CATEGORIES,
    });
    symlinkSync(join(root, '..', 'outside.png'), join(root, 'link.png'));
    await refuses(openCocoDetection(root, file), FormatError, new RegExp(`images ${image.id}.*${message}`, 's'));
    const dataset = await openCocoDetection(root, file, { skipBad: true });
    assert.is(dataset.count, 2);
    assert.equal(
      dataset.bad.map(({ reason }) => new RegExp(message).test(reason)),
      [true],
    );
    assert.is((await dataset.get(dataset.indexOf(9))).target.length, 1);
  });
}

test('a link that leaves the folder is followed where that is allowed', async () => {
  const { root, file } = coco({ images: [{ ...IMAGES[0], file_name: 'link.png' }], categories: [] });
  symlinkSync(join(root, '..', 'outside.png'), join(root, 'link.png'));
  assert.is((await (await openCocoDetection(root, file, { allowLinks: true })).get(0)).image.data[0], 7);
});

test('images are read from the archive that is published, without unpacking', async () => {
  const archive = join(import.meta.dirname, '..', 'fixtures', 'cocoArchive', 'val2017.zip');
  const sizes = { width: WIDTH, height: HEIGHT };
  const images = ['two.png', 'nine.png', 'three.png'].map((name, id) => ({ id, file_name: name, ...sizes }));
  const { root, file } = coco({ images, categories: [] });
  const dataset = await openCocoDetection(archive, file, { skipBad: true });
  assert.equal([...(await dataset.get(1)).image.data.subarray(0, 3)], [9, 0, 255]);
  assert.equal(dataset.count, 2);
  await refuses(
    openCocoDetection(archive, file),
    FormatError,
    /images 2: .*val2017.zip\/val2017\/three.png: is missing/s,
  );
  await refuses(openCocoDetection(join(root, 'nine.png'), file), FormatError, /nine.png: the archive is damaged/s);
});

test('a picture of another size than the file says, or none, is refused when it is read', async () => {
  const { root, file } = coco({ images: [{ ...IMAGES[0], height: 5 }, IMAGES[1]!], categories: [] });
  const dataset = await openCocoDetection(root, file);
  await refuses(dataset.get(1), FormatError, /images 9: nine.png is 6 x 4, expected 6 x 5/s);
  writeFileSync(join(root, 'sub/two.png'), 'no picture');
  await refuses(dataset.get(0), FormatError, /two.png: at byte 0/s);
  rmSync(join(root, 'sub/two.png'));
  await refuses(dataset.get(0), FormatError, /two.png: is missing/s);
});

test('damaged categories are refused with their id', async () => {
  const refused: [Json, string][] = [
    [{ name: 5 }, 'categories 18 .*name is 5'],
    [{ id: 1 }, 'categories 1 .*has the id of one before'],
    [{ skeleton: [[1]] }, 'categories 18 .*skeleton'],
    [{ keypoints: 'nose' }, 'categories 18 .*keypoints'],
  ];
  for (const [change, message] of refused) {
    const categories = [CATEGORIES[1], { ...CATEGORIES[0], ...change }];
    const { root, file } = coco({ images: IMAGES, annotations: [], categories });
    await refuses(openCocoDetection(root, file), FormatError, new RegExp(message, 's'));
  }
});

test('files that are no COCO file, or end early, are refused with the byte, also when bad records may be skipped', async () => {
  const whole = JSON.stringify(withAnnotations(BOX));
  const refused: [json: unknown, message: string][] = [
    ['', 'at byte 0: found the file ends here'],
    ['[]', "at byte 0: found '\\['"],
    ['{}', 'none of its lists'],
    ['{"images": {}}', "at byte 11: found '{', expected a list of images"],
    ['{"images": [5]}', "at byte 12: found '5', expected a record"],
    ['{"images": [], "images": []}', 'a second list of images'],
    ['{"images": [{}{}]}', "expected ',' or '\\]'"],
    ['{"images": [],}', 'found the file ends|a name in quotes'],
    [`${whole}x`, "found 'x', expected the end"],
    [`{"images": [${'{"a":['.repeat(70)}`, 'nested more deeply than 64'],
    ['\u0000\u0001', 'byte 0'],
    [{ categories: [], licenses: [] }, 'only categories, expected a COCO file'],
    ...Array.from({ length: 12 }, (_, i): [string, string] => [
      whole.slice(0, Math.floor((whole.length * i) / 12)),
      'cut short',
    ]),
  ];
  for (const [json, message] of refused) {
    const { root, file } = coco(json);
    await refuses(
      openCocoDetection(root, file, { skipBad: true }),
      FormatError,
      new RegExp(`annotations.json: .*${message}`, 's'),
    );
  }
});

test('a byte order mark, other lists and braces in text change nothing', async () => {
  const json = {
    a: [1, [2, { b: ']}' }]],
    c: 'x"\\',
    d: null,
    e: -1.5,
    ...withAnnotations({ ...BOX, note: '}]{"\\' }),
  };
  const { root, file } = coco(`\ufeff${JSON.stringify(json, null, 2)}\n`);
  assert.is((await (await openCocoDetection(root, file)).target(1)).length, 1);
});

test('the index in the cache gives what the file gives, and is made again when the file changes or it is damaged', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({
    ...BOX,
    id: i,
    image_id: i % 3 ? 9 : 2,
    pad: 'x'.repeat(1500),
  }));
  const { root, file } = coco(withAnnotations(...many, { ...BOX, id: 1 }));
  const cache = join(root, '..', 'cache', 'deep');
  const open = (options: CocoOptions) => openCocoDetection(root, file, { skipBad: true, ...options });
  const plain = await describe(await open({ cache: false }));
  assert.equal(
    plain.targets.map((target) => target.length),
    [1000, 2000],
  );
  assert.equal(await describe(await open({ cache })), plain);
  const [name] = readdirSync(cache);
  const kept = readFileSync(join(cache, name!));
  assert.equal(await describe(await open({ cache })), plain, 'from the cache');
  await refuses(openCocoDetection(root, file, { cache }), FormatError, /has the id of one before/s);

  for (const bytes of [new Uint8Array(), kept.subarray(0, 100), flipped(kept), Buffer.alloc(500)]) {
    writeFileSync(join(cache, name!), bytes);
    assert.equal(await describe(await open({ cache })), plain, 'after damage');
    assert.equal(readFileSync(join(cache, name!)), kept, 'made again');
  }
  const opened = await open({ cache });
  writeFileSync(file, readFileSync(file, 'utf8').replace('[1,1,3,2]', '[2,1,3,2]'));
  await refuses(opened.get(0), FormatError, /has changed since it was opened/s);
  const changed = await open({ cache });
  assert.equal((await changed.target(0))[0]!.bbox, [2, 1, 3, 2]);
  utimesSync(file, 1, 1);
  assert.equal((await (await open({ cache })).target(0))[0]!.bbox, [2, 1, 3, 2]);
  assert.equal(readdirSync(cache), [name], 'nothing half-written is left');
});

test('a cache that cannot be written is done without', async () => {
  const { root, file } = coco(withAnnotations(BOX));
  const dataset = await openCocoDetection(root, file, { cache: join(file, 'below-a-file') });
  assert.is((await dataset.target(1)).length, 1);
});

test('what is missing is named with what to download', async () => {
  const { root, file } = coco(withAnnotations(BOX));
  await refuses(
    openCocoDetection(root, `${file}x`),
    DatasetNotFoundError,
    /annotations.jsonx.*annotations_trainval2017/s,
  );
  await refuses(openCocoDetection(`${root}x`, file), DatasetNotFoundError, /imagesx.*val2017.zip/s);
});

test('the table of COCO has 80 categories whose ids run to 90', () => {
  assert.is(COCO_CATEGORIES.length, 80);
  const id = (name: string) => COCO_CATEGORIES.find((category) => category.name === name)?.id;
  assert.equal(
    ['person', 'stop sign', 'dog', 'backpack', 'bottle', 'cake', 'dining table', 'toilet', 'book', 'toothbrush'].map(
      id,
    ),
    [1, 13, 18, 27, 44, 61, 67, 70, 84, 90],
  );
  const [person] = COCO_CATEGORIES;
  assert.is(person!.keypoints.length, 17);
  assert.is(person!.keypoints[16], 'right_ankle');
  assert.is(person!.skeleton.length, 19);
});

real('a copy of the miniature reads the same from anywhere', async (root) => {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
  created.push(folder);
  cpSync(root, folder, { recursive: true });
  const open = (place: string) =>
    openCocoDetection(join(place, 'images/train'), join(place, 'annotations/instances_train.json'));
  assert.equal((await (await open(folder)).get(0)).target, (await (await open(root)).get(0)).target);
});

test.run();

async function describe(dataset: Awaited<ReturnType<typeof openCocoDetection>>) {
  const targets = [await dataset.target(0), await dataset.target(1)];
  return { targets, bad: dataset.bad, images: dataset.images, categories: dataset.categories };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

// Kept indexes that somebody changed together with their checksums: they are made again, and nothing in them is followed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CocoIndex } from '../../datasets/node/coco/cocoIndex.ts';
import type { FolderIndex } from '../../datasets/node/folders/folderIndex.ts';
import { openCocoDetection, openImageFolder } from '../../datasets/node/index.ts';
import { imageBytes } from './imageFixtures.ts';
import { age, temporaryFolders } from './temporaryFolders.ts';

const test = suite('forged indexes');
const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const png = imageBytes('tiny-2x3-interlaced.png');

/** The file of the only index in a cache. */
function indexIn(cache: string): string {
  const [name, ...others] = readdirSync(cache);
  assert.equal(others, [], 'one index, and nothing half-written');
  return join(cache, name!);
}

type Header = { -readonly [K in 'classes' | 'folders' | 'bad' | 'stamps']: FolderIndex[K] };

const FOLDER_FORGERIES: readonly [what: string, change: (header: Header) => void, names?: string][] = [
  ['a folder outside', (header) => forgeFolder(header, { path: '../outside' })],
  ['a folder outside, from a class', (header) => forgeFolder(header, { path: 'a/../../outside' })],
  ['an absolute folder', (header) => forgeFolder(header, { path: '/etc' })],
  ['a class that is a path', (header) => set(header, { classes: ['..', 'b'] })],
  ['a file outside', () => {}, '../../outside/1.png\x002.png\x003.png\x00'],
  ['a label without a class', (header) => forgeFolder(header, { label: 1e9 })],
  ['a label that is no number', (header) => forgeFolder(header, { label: 'length' as never })],
  ['more images than names', (header) => forgeFolder(header, { first: 7 })],
  ['a folder without images', (header) => forgeFolder(header, { first: 0 })],
  ['images without a folder', (header) => set(header, { folders: [] })],
  ['nothing to be stamped', (header) => set(header, { stamps: [] })],
  [
    'stamps of other folders',
    (header) =>
      set(header, {
        stamps: [
          { path: '', stamp: '' },
          { path: '..', stamp: '' },
        ],
      }),
  ],
  ['bad records that are none', (header) => set(header, { bad: [null as never] })],
  ['lists that are none', (header) => set(header, { classes: 'ab' as never })],
];

function set(header: Header, change: Partial<Header>): void {
  Object.assign(header, change);
}

function forgeFolder(header: Header, change: Partial<FolderIndex['folders'][number]>): void {
  header.folders = header.folders.map((folder, i) => (i === 1 ? { ...folder, ...change } : folder));
}

test('a forged list of images is not believed', async () => {
  const root = make({ 'in/a/1.png': png, 'in/b/2.png': png, 'in/b/3.png': png, 'outside/1.png': png });
  const cache = make();
  age(root);
  const folder = join(root, 'in');
  const open = async () => {
    const data = await openImageFolder(folder, { cache });
    return Array.from({ length: data.count }, (_, i) => [relative(folder, data.path(i)), data.labels![i]]);
  };
  const sound = await open();
  const file = indexIn(cache);
  const kept = readFileSync(file);
  const rest = kept.subarray(32);
  const end = rest.indexOf(10);
  for (const [what, change, names = rest.subarray(end + 1).toString()] of FOLDER_FORGERIES) {
    const header = JSON.parse(rest.subarray(0, end).toString());
    change(header);
    const forged = Buffer.from(`${JSON.stringify(header)}\n${names}`);
    writeFileSync(file, Buffer.concat([createHash('sha256').update(forged).digest(), forged]));
    assert.equal(await open(), sound, what);
    assert.equal(readFileSync(indexIn(cache)), kept, `${what}: made again`);
  }
});

const COCO_FORGERIES: readonly [what: string, change: (index: CocoIndex) => Partial<CocoIndex>][] = [
  ['an image outside', ({ images }) => ({ images: images.map((image) => ({ ...image, fileName: '../outside.png' })) })],
  ['an image of any size', ({ images }) => ({ images: images.map((image) => ({ ...image, width: 2 ** 30 })) })],
  [
    'a record as large as memory',
    ({ annotations }) => ({ annotations: { ...annotations, lengths: Uint32Array.of(2 ** 32 - 1) } }),
  ],
  [
    'a record behind the end',
    ({ annotations }) => ({ annotations: { ...annotations, offsets: Float64Array.of(1e9) } }),
  ],
  [
    'a record nowhere',
    ({ annotations }) => ({ annotations: { ...annotations, offsets: Float64Array.of(Number.NaN) } }),
  ],
  ['more records than there are', () => ({ starts: Uint32Array.of(0, 2 ** 31) })],
  ['records of no image', () => ({ starts: Uint32Array.of(0) })],
  ['no typed arrays', () => ({ starts: [0, 1] as never })],
  [
    'categories out of their place',
    ({ categories }) => ({ categories: categories.map((each) => ({ ...each, index: 5 })) }),
  ],
  [
    'a skeleton of texts',
    ({ categories }) => ({ categories: categories.map((each) => ({ ...each, skeleton: ['ab'] as never })) }),
  ],
  ['no lists', () => ({ images: undefined as never })],
];

test('a forged index of annotations is not believed', async () => {
  const root = make({
    'images/1.png': png,
    'outside.png': png,
    'a.json': JSON.stringify({
      images: [{ id: 1, file_name: '1.png', width: 3, height: 2 }],
      categories: [{ id: 4, name: 'dog' }],
      annotations: [{ id: 1, image_id: 1, category_id: 4, bbox: [0, 0, 1, 1] }],
    }),
  });
  const cache = join(root, 'cache');
  const open = async () => {
    const data = await openCocoDetection(join(root, 'images'), join(root, 'a.json'), { cache });
    return [data.images, data.categories, await data.target(0)];
  };
  const sound = await open();
  const file = indexIn(cache);
  const kept = readFileSync(file);
  for (const [what, change] of COCO_FORGERIES) {
    const { key, index } = deserialize(kept.subarray(32));
    const forged = serialize({ key, index: { ...index, ...change(index) } });
    writeFileSync(file, Buffer.concat([createHash('sha256').update(forged).digest(), forged]));
    assert.equal(await open(), sound, what);
    assert.equal(readFileSync(indexIn(cache)), kept, `${what}: made again`);
  }
});

test.run();

// Small files that claim to be large, nest without end, or take time by the square: refused before they cost anything.
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CELEBA_TABLES, readCelebATable } from '../../datasets/celeba.ts';
import { readCityscapesPolygons } from '../../datasets/cityscapesPolygons.ts';
import { toRle } from '../../datasets/coco/rle.ts';
import { mergeRles, polygonToRle, rleArea, segmentationToRle } from '../../datasets/index.ts';
import { readTarGz } from '../../datasets/node/archiveTarGz.ts';
import { readZip } from '../../datasets/node/archiveZip.ts';
import { openZipFolder } from '../../datasets/node/folders/openZipFolder.ts';
import { readMat } from '../../datasets/node/imagenet/matFile.ts';
import { openCocoDetection, openImageFolder } from '../../datasets/node/index.ts';
import { transformFromJSON } from '../../datasets/transforms/transformFromJSON.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { imageBytes } from './imageFixtures.ts';
import { refuses } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';
import { zipBytes } from './zipFile.ts';

const test = suite('hostile files');
const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const png = imageBytes('tiny-2x3-interlaced.png');

function throwsWith(act: () => unknown, type: typeof FormatError, message: RegExp): void {
  assert.throws(act, (error: Error) => {
    assert.instance(error, type, error.stack);
    assert.match(error.message, message);
    return true;
  });
}

/** `value`, in so many arrays. */
function nested(depth: number, value = ''): string {
  return '['.repeat(depth) + value + ']'.repeat(depth);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

/** A MATLAB file with compressed variables of one class and size, each with `body` behind its header. */
function matFile(bodies: readonly { kind: number; count: number; body: Uint8Array }[]): Buffer {
  const head = Buffer.alloc(128);
  head.writeUInt16LE(0x100, 124);
  head.write('IM', 126);
  const variables = bodies.map(({ kind, count, body }) => {
    const inner = Buffer.concat([words(6, 8, kind, 0, 5, 8, 1, count, 1, 1), Buffer.from('x'.padEnd(8, '\0')), body]);
    const packed = deflateSync(Buffer.concat([words(14, inner.length), inner]));
    return Buffer.concat([words(15, packed.length), packed]);
  });
  return Buffer.concat([head, ...variables]);
}

test("MATLAB's numbers, texts and structs inflate no further than a devkit's", () => {
  const [bytes, least] = [2 ** 24, 2 ** 22];
  const numbers = (count: number) => ({ kind: 9, count, body: Buffer.concat([words(2, count), Buffer.alloc(count)]) });
  const text = { kind: 4, count: bytes, body: Buffer.concat([words(2, bytes), Buffer.alloc(bytes, 'a')]) };
  const fields = Buffer.concat([words(0x40005, 1, 1, 2 ** 16), Buffer.alloc(2 ** 16, 'a')]);
  const refused: [file: Buffer, message: RegExp][] = [
    [matFile([numbers(bytes)]), /at byte 128: the compressed variable is damaged: .*8388608 bytes/],
    [matFile([text]), /at byte 128: the compressed variable is damaged/],
    [
      matFile([numbers(least), numbers(least), numbers(least)]),
      /at byte (?!128:)\d+: the compressed variable is damaged/,
    ],
    [matFile([{ kind: 2, count: 0, body: fields }]), /found 65536 fields, expected at most 1024/],
    [matFile([{ kind: 2, count: 2 ** 32 - 1, body: words(0x40005, 1, 1, 1, 0, 0) }]), /expected what \d+ bytes hold/],
  ];
  for (const [file, message] of refused)
    throwsWith(() => readMat({ name: 'meta.mat', bytes: file }), FormatError, message);
  const read = readMat({ name: 'meta.mat', bytes: matFile([numbers(least)]) }).get('x');
  assert.is((read as readonly number[]).length, least, 'up to the bound they are read');
});

test('JSON nested more deeply than the stack is refused by the field', async () => {
  const read = (json: string) => () => readCityscapesPolygons({ name: 'c.json', bytes: Buffer.from(json) });
  throwsWith(
    read(`{"imgWidth":${nested(1e5)}}`),
    FormatError,
    /c\.json: imgWidth: found a value that is nested too deeply/,
  );
  const object = `{"label":"car","polygon":${nested(1e5)}}`;
  throwsWith(
    read(`{"imgWidth":2,"imgHeight":2,"objects":[${object}]}`),
    FormatError,
    /objects\[0\]\.polygon\[0\]: found/,
  );
  const root = make({ 'images/1.png': png, 'a.json': `{"images":[{"id":${nested(1e5)}}],"categories":[]}` });
  await refuses(
    openCocoDetection(join(root, 'images'), join(root, 'a.json')),
    FormatError,
    /a\.json: at byte \d+: found brackets nested more deeply than 64/,
  );
  writeFileSync(
    join(root, 'a.json'),
    `{"info":${nested(50)},"images":[],"categories":[{"id":1,"name":${nested(50, '1')}}]}`,
  );
  await refuses(openCocoDetection(join(root, 'images'), join(root, 'a.json')), FormatError, /categories 1 .*name is/);
});

test('outlines and run lengths that would take seconds are refused, many small ones are not', () => {
  const size = { height: 2000, width: 2000 };
  throwsWith(
    () => polygonToRle([0, 0, 1e6, 1, 0, 0.5], size),
    ShapeError,
    /200000\d pixels long, expected at most 838860/,
  );
  const zigzag = Array.from({ length: 1000 }, (_, i) => [i % 2 ? 1999 : 0, i]).flat();
  throwsWith(() => segmentationToRle([zigzag], size), ShapeError, /pixels long/);
  throwsWith(() => toRle([2 ** 31, 2 ** 31], size), FormatError, /the runs sum to 4294967296, expected/);
  const squares = Array.from({ length: 20_000 }, (_, i) => {
    const [x, y] = [10 * (i % 190), 10 * Math.floor(i / 190)];
    return [x, y, x + 3, y, x + 3, y + 3, x, y + 3];
  });
  assert.is(rleArea(segmentationToRle(squares, size)), 20_000 * 9);
  const shifted = [
    [0, 2, 2],
    [1, 2, 1],
    [2, 2],
  ].map((counts) => toRle(counts, { height: 2, width: 2 }));
  assert.equal([...mergeRles(shifted).counts], [0, 4], 'an odd number of masks, in pairs');
  assert.equal([...mergeRles(shifted, { intersect: true }).counts], [4]);
});

test("CelebA's lists are counted before they are taken apart", () => {
  const read = (text: string) => () =>
    readCelebATable({ name: 'list.txt', bytes: Buffer.from(text) }, CELEBA_TABLES.partition);
  throwsWith(read('\n'.repeat(2 ** 23)), FormatError, /^list\.txt: found more than 4194304 rows/);
  throwsWith(read(`1.jpg 0\n2.jpg${' 1'.repeat(2 ** 16)}\n`), FormatError, /list\.txt, line 2: found 131077 bytes/);
});

test('an archive that lies about its entries is refused, whichever kind it is', async () => {
  const honest = zipBytes([['images/1.png', png]]);
  const claims = Buffer.from(honest);
  claims.writeUInt16LE(0xfffe, honest.length - 12);
  claims.writeUInt16LE(0xfffe, honest.length - 14);
  const flipped = Buffer.from(honest);
  flipped[honest.indexOf(png) + 40]! ^= 1;
  const root = make({ 'images.zip': claims, 'flipped.zip': flipped, 'good.zip': honest });
  await refuses(
    openZipFolder(join(root, 'images.zip'), 'images', { maxBytes: 1e6 }),
    FormatError,
    /found 65534 entries/,
  );
  const select = (name: string) => name;
  await refuses(
    readZip(join(root, 'flipped.zip'), select, { maxEntryBytes: 1e6 }),
    FormatError,
    /1\.png: is damaged: its CRC/,
  );
  assert.is((await readZip(join(root, 'good.zip'), select, { maxEntryBytes: 1e6 })).size, 1);
});

/** A .tar.gz of entries as their headers say, sizes that lie included. */
async function tarGz(entries: readonly Parameters<ReturnType<typeof pack>['entry']>[0][]): Promise<Buffer> {
  const archive = pack();
  for (const entry of entries) archive.entry(entry, entry.type === 'file' || !entry.type ? 'text' : '');
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

test('a tar with links, devices and extended headers gives files only, under the name it tells', async () => {
  const refused: [what: string, entries: Parameters<typeof tarGz>[0], message: RegExp][] = [
    ['a hard link', [{ name: 'a', type: 'link', linkname: '/etc/passwd' }], /a: is a link, expected a file/],
    ['a device', [{ name: 'a', type: 'character-device' }], /a: is a character-device/],
    ['a folder', [{ name: 'a', type: 'directory' }], /a\/?: is a directory/],
    [
      'an endless name',
      [{ name: 'a', pax: { path: 'x'.repeat(5 * 2 ** 20) } }],
      /damaged or truncated .*exceeds max size/,
    ],
    ['a size below zero', [{ name: 'a', pax: { size: '-5' } }], /damaged or truncated .*Invalid header/],
    ['a size that is none', [{ name: 'a', pax: { size: 'x' } }], /damaged or truncated/],
    [
      'a size beyond bounds',
      [{ name: 'a', pax: { size: '9007199254740991' } }],
      /found 9007199254740991 bytes, expected/,
    ],
  ];
  for (const [what, entries, message] of refused) {
    const root = make({ 'a.tar.gz': await tarGz(entries) });
    const reading = readTarGz(join(root, 'a.tar.gz'), (name) => name, { maxEntryBytes: 1e6, maxBytes: 1e7 });
    await refuses(reading, FormatError, message).catch((error) => assert.unreachable(`${what}: ${error.stack}`));
    assert.equal(readdirSync(root), ['a.tar.gz'], what);
  }
  const renamed = make({ 'a.tar.gz': await tarGz([{ name: 'a', pax: { path: '../../b' } }]) });
  const read = await readTarGz(join(renamed, 'a.tar.gz'), (name) => name, { maxEntryBytes: 1e6, maxBytes: 1e7 });
  assert.equal([...read.keys()], ['../../b'], 'a name is a key, never a path');
  assert.equal(readdirSync(renamed), ['a.tar.gz']);
});

test('transforms from JSON refuse what no constructor takes, and Compose without end', () => {
  let deep: { type: string; transforms?: unknown } = { type: 'ToTensor' };
  for (let i = 0; i < 1e4; i++) deep = { type: 'Compose', transforms: [deep] };
  throwsWith(() => transformFromJSON(deep), ShapeError, /Compose: lies within more than 64 others/);
  const like = { length: 2, 0: 1, 1: 2 };
  const refused: Parameters<typeof transformFromJSON>[0][] = [
    { type: 'ColorJitter', hue: like },
    { type: 'Normalize', mean: 'ab', std: 'ab' },
    { type: 'Normalize', mean: like, std: like },
    { type: 'Pad', padding: 1, fill: null },
    { type: 'Pad', padding: 1, fill: 'x' },
    { type: 'RandomErasing', scale: like },
    { type: 'RandomRotation', degrees: like },
    { type: 'RandomRotation', degrees: 1, center: like },
    { type: 'RandomCrop', size: 2, fill: {} },
  ];
  for (const description of refused) {
    throwsWith(() => transformFromJSON(description), ShapeError, new RegExp(`^${description.type}`));
  }
});

test('a picture of 65535x65535, or one that is a pipe by link, is refused or left out by its file', async () => {
  const huge = Buffer.from(png);
  huge.writeUInt32BE(65535, 16);
  huge.writeUInt32BE(65535, 20);
  const root = make({ 'a/1.png': huge, 'a/2.png': png });
  symlinkSync('/dev/zero', join(root, 'a/3.png'));
  await refuses(openImageFolder(root, { cache: false }), FormatError, /a\/3\.png: is a link to \/dev\/zero, outside/);
  const data = await openImageFolder(root, { cache: false, skipBad: true });
  assert.equal([data.count, data.bad.length], [2, 1]);
  await refuses(data.get(0), FormatError, /a\/1\.png: .*65535x65535 pixels/);
  assert.is((await data.get(1)).image.width, 3);
  assert.ok(readFileSync(join(root, 'a/2.png')).equals(png));
});

test.run();

// CIFAR's Python version, unpacked and in its .tar.gz: what Python 2 and 3 write, and what somebody else might.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCifar10Files, readCifar100File } from '../../datasets/cifar.ts';
import { CIFAR10_CLASSES } from '../../datasets/cifarClasses.ts';
import { checkDataset } from '../../datasets/dataset.ts';
import { readTarGz } from '../../datasets/node/archiveTarGz.ts';
import { DatasetNotFoundError, loadCifar10, loadCifar100 } from '../../datasets/node/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import { refusal } from './refusal.ts';
import { temporaryFolders } from './temporaryFolders.ts';

const test = suite('archive');
const { make: folderWith, removeAll: remove } = temporaryFolders();
test.after(remove);

const fixtures = join(import.meta.dirname, '../fixtures/cifarPickles');
const TEN = readFileSync(join(fixtures, 'cifar-10-python.tar.gz'));
const HUNDRED = readFileSync(join(fixtures, 'cifar-100-python.tar.gz'));

/** As cifarPickles.py has it. */
function pixel(batch: number, record: number, p: number): number {
  return (31 * batch + 7 * record + p) % 251;
}

/** A .tar.gz of these entries. */
async function tarGz(
  entries: readonly { name: string; bytes?: Uint8Array; type?: 'symlink' | 'file'; linkname?: string }[],
): Promise<Buffer> {
  const archive = pack();
  for (const { bytes = new Uint8Array(), ...header } of entries) archive.entry(header, Buffer.from(bytes));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

/** The entries of an archive, by the last part of their path. */
async function entriesOf(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const path = join(folderWith({ 'a.tar.gz': archive }), 'a.tar.gz');
  const entries = await readTarGz(path, (name) => (/\/./.test(name) ? name.split('/').at(-1) : undefined), {
    maxEntryBytes: 2 ** 20,
    maxBytes: 2 ** 20,
  });
  return new Map([...entries].map(([name, { bytes }]) => [name, bytes]));
}

test("CIFAR-10's Python archive is read as it is, from the folder above it or by its path", async () => {
  const root = folderWith({ 'cifar-10-python.tar.gz': TEN });
  for (const place of [root, join(root, 'cifar-10-python.tar.gz')]) {
    const train = await loadCifar10(place);
    checkDataset(train);
    assert.equal([...train.labels], [1, 5, 2, 6, 3, 7, 4, 8, 5, 9]);
    assert.equal(train.classes, CIFAR10_CLASSES);
    assert.equal(train.batches, [1, 2, 3, 4, 5]);
    for (const [image, p] of [
      [0, 0],
      [5, 1024],
      [9, 3071],
    ]) {
      assert.is(train.images[image * 3072 + p], pixel(1 + (image >> 1), image & 1, p));
    }
  }
  assert.equal([...(await loadCifar10(root, { batches: [3, 1] })).labels], [3, 7, 1, 5]);
  assert.equal([...(await loadCifar10(root, { train: false })).labels], [9, 0, 3]);
});

test("CIFAR-100's Python archive has both labels", async () => {
  const root = folderWith({ 'CIFAR100/cifar-100-python.tar.gz': HUNDRED });
  const train = await loadCifar100(root);
  assert.equal(
    [[...train.labels], [...train.coarseLabels]],
    [
      [99, 40, 7],
      [19, 3, 0],
    ],
  );
  assert.equal([...(await loadCifar100(root, { train: false, labels: 'coarse' })).labels], [4]);
});

test('the unpacked Python version is read, with the names in batches.meta', async () => {
  const files = await entriesOf(TEN);
  const renamed = Buffer.from(files.get('batches.meta')!.map((byte, i, all) => (isAt('cat', all, i) ? 0x62 : byte)));
  const root = folderWith({
    ...Object.fromEntries([...files].map(([name, bytes]) => [`cifar-10-batches-py/${name}`, bytes])),
    'cifar-10-batches-py/batches.meta': renamed,
  });
  const set = await loadCifar10(root);
  assert.equal([...set.labels.subarray(0, 3)], [1, 5, 2]);
  assert.equal(set.classes[3], 'bat');
});

function isAt(text: string, bytes: Uint8Array, at: number): boolean {
  return [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
}

test('what Python 3 pickles, with bytes as keys, is read too', () => {
  for (const protocol of [2, 4]) {
    const name = `python3-protocol${protocol}`;
    const file = { name, bytes: readFileSync(join(fixtures, name)) };
    const { labels, images } = readCifar10Files([file], { layout: 'python' });
    assert.equal([...labels], [1, 5]);
    for (const [record, p] of [
      [0, 0],
      [1, 3071],
      [1, 200],
    ]) {
      assert.is(images[record * 3072 + p], pixel(1, record, p));
    }
  }
});

test('the binary archive is read as well', async () => {
  const record = (label: number) => Uint8Array.of(label, ...new Array(3072).fill(label));
  const folder = 'cifar-10-batches-bin';
  const archive = await tarGz([
    { name: `${folder}/batches.meta.txt`, bytes: Buffer.from('airplane\n') },
    { name: `${folder}/data_batch_2.bin`, bytes: record(2) },
    { name: `./${folder}/data_batch_1.bin`, bytes: record(1) },
  ]);
  const root = folderWith({ 'cifar-10-binary.tar.gz': archive });
  const { labels, batches } = await loadCifar10(root, { batches: 'present' });
  assert.equal(
    [[...labels], batches],
    [
      [1, 2],
      [1, 2],
    ],
  );
  assert.match(
    await refusal(loadCifar10(root), FormatError),
    /lacks data_batch_3\.bin, data_batch_4\.bin, data_batch_5\.bin/,
  );
  assert.match(await refusal(loadCifar10(root, { train: false }), FormatError), /the archive lacks test_batch/);
});

test('damaged and dishonest archives are refused', async () => {
  const name = 'cifar-10-batches-py/test_batch';
  const good = (await entriesOf(TEN)).get('test_batch')!;
  const flipped = Uint8Array.from(TEN);
  flipped[TEN.length - 6] ^= 1; // in gzip's checksum
  const cases: [what: string, archive: Uint8Array, message: RegExp][] = [
    ['cut off', TEN.subarray(0, 600), /damaged or truncated \.tar\.gz: unexpected end of file/],
    ['a wrong checksum', flipped, /damaged or truncated \.tar\.gz: incorrect data check/],
    ['no gzip', Buffer.from('<html>'), /damaged or truncated \.tar\.gz: incorrect header check/],
    ['no tar', gzipSync(Buffer.alloc(2000, 'x')), /damaged or truncated \.tar\.gz/],
    [
      'an entry cut off',
      gzipSync(gunzipSync(await tarGz([{ name, bytes: good }])).subarray(0, 3000)),
      /Unexpected end/,
    ],
    [
      'twice',
      await tarGz([
        { name, bytes: good },
        { name: `./${name}`, bytes: good },
      ]),
      /test_batch: found a second time/,
    ],
    [
      'a link',
      await tarGz([{ name, type: 'symlink', linkname: '/etc/passwd' }]),
      /test_batch: is a symlink, expected a file/,
    ],
    [
      'of another folder',
      await tarGz([{ name: `../${name}`, bytes: good }, { name: '/test_batch' }]),
      /the archive lacks test_batch/,
    ],
    ['nothing', await tarGz([]), /the archive lacks test_batch/],
  ];
  for (const [what, archive, message] of cases) {
    const root = folderWith({ 'cifar-10-python.tar.gz': archive });
    assert.match(await refusal(loadCifar10(root, { train: false }), FormatError), message, what);
  }
});

test('an archive that inflates without end, and an entry too long, stop at the bounds', async () => {
  const path = join(folderWith({ 'a.tar.gz': gzipSync(await bigTar(3_000_000)) }), 'a.tar.gz');
  const unwanted = readTarGz(path, () => undefined, { maxEntryBytes: 10, maxBytes: 1_000_000 });
  assert.match(await refusal(unwanted, FormatError), /a\.tar\.gz: inflates to more than 1000000 bytes/);
  const wanted = readTarGz(path, (name) => name, { maxEntryBytes: 1_000_000, maxBytes: 10_000_000 });
  assert.match(await refusal(wanted, FormatError), /big: found 3000000 bytes, expected at most 1000000/);
  const both = await readTarGz(path, (name) => name, { maxEntryBytes: 3_000_000, maxBytes: 4_000_000 });
  assert.is(both.get('big')!.bytes.length, 3_000_000);
});

async function bigTar(bytes: number): Promise<Buffer> {
  return gunzipSync(await tarGz([{ name: 'big', bytes: new Uint8Array(bytes) }]));
}

/** A Python 2 pickle of a batch, as cifarPickles.py writes it; a part may be replaced. */
function pickle({
  count = 1,
  width = 3072,
  dtype = 'u1',
  labels = ['K', 7],
  values = Buffer.alloc(3072, 5) as Uint8Array,
  module = 'numpy.core.multiarray',
  order = 0x89,
  end = '.',
}: Partial<{
  count: number;
  width: number;
  dtype: string;
  labels: (string | number)[];
  values: Uint8Array;
  module: string;
  order: number;
  end: string;
}> = {}): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(values.length);
  const parts: (string | number | Uint8Array)[] = [
    ...[0x80, 2, '}(', 'U', 6, 'labels', '](', ...labels, 'e', 'U', 4, 'data'],
    ...[`c${module}\n_reconstruct\n`, 'cnumpy\nndarray\n', 'K', 0, 0x85, 'U', 1, 'b', 0x87, 'R'],
    ...['(', 'K', 1, 'M', count & 255, count >> 8, 'M', width & 255, width >> 8, 0x86],
    ...[
      'cnumpy\ndtype\n',
      'U',
      dtype.length,
      dtype,
      'K',
      0,
      'K',
      1,
      0x87,
      'R',
      order,
      'T',
      length,
      values,
      'tb',
      'u',
      end,
    ],
  ];
  return Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string, 'latin1'))),
  );
}

test('damaged pickles are refused by file and place, and name nothing that is run', () => {
  const read = (bytes: Uint8Array) => readCifar10Files([{ name: 'batch', bytes }], { layout: 'python' });
  assert.equal([...read(pickle()).labels], [7]);
  const cases: [what: string, bytes: Uint8Array, message: RegExp][] = [
    [
      'another global',
      pickle({ module: 'os' }),
      /^batch: pickle: at byte \d+: the pickle refers to os\._reconstruct, .* not run/,
    ],
    ['another type', pickle({ dtype: 'f8' }), /a NumPy array of f8, expected u1 \(uint8\)/],
    ['another width', pickle({ width: 1024, count: 3 }), /data: found the shape \[3, 1024\], expected \[count, 3072\]/],
    ['too few values', pickle({ count: 2 }), /a NumPy array of \[2, 3072\] with 3072 values, expected 6144/],
    ['no images', pickle({ count: 0, values: new Uint8Array() }), /found the shape \[0, 3072\]/],
    ['columns first', pickle({ order: 0x88 }), /Fortran's order/],
    ['labels too many', pickle({ labels: ['K', 1, 'K', 2] }), /labels: found 2 labels for 1 images/],
    [
      'a label out of range',
      pickle({ labels: ['K', 10] }),
      /^batch: record 0, labels: found label 10, expected 0 to 9/,
    ],
    ['a negative label', pickle({ labels: ['J', 255, 255, 255, 255] }), /found label -1, expected 0 to 9/],
    ['a text as label', pickle({ labels: ['U', 1, '3'] }), /found label 3, expected 0 to 9/],
    ['bytes behind it', pickle({ end: '.x' }), /at byte \d+: 1 bytes follow the pickle/],
    ['cut off', pickle().subarray(0, 2000), /the pickle needs 3072 more bytes here, \d+ are left/],
    [
      'a length of 4 GiB',
      Buffer.concat([pickle().subarray(0, -3076 - 4), Buffer.alloc(4, 255)]),
      /needs 4294967295 more bytes/,
    ],
    ['no dict', Buffer.from('\x80\x02].', 'latin1'), /^batch: found a pickled list, expected a dict/],
    ['no data', Buffer.from('\x80\x02}U\x01aNs.', 'latin1'), /the dict has no key 'data', only a/],
    ['a list as data', Buffer.from('\x80\x02}U\x04data]s.', 'latin1'), /data: found list, expected a NumPy array/],
    ['a binary batch', new Uint8Array(3073), /instruction 0x00/],
  ];
  for (const [what, bytes, message] of cases) {
    try {
      read(bytes);
      assert.unreachable(`${what}: was read`);
    } catch (error) {
      assert.instance(error, FormatError, what);
      assert.match((error as Error).message, message, what);
    }
  }
  const wrongNames = { name: 'meta', bytes: Buffer.from('\x80\x02}U\x0blabel_names](U\x01aes.', 'latin1') };
  assert.throws(
    () => readCifar10Files([{ name: 'batch', bytes: pickle() }], { layout: 'python', meta: wrongNames }),
    /meta: label_names: found a list of 1 values, expected a list of 10 names/,
  );
  const ten = { name: 'train', bytes: pickle() };
  assert.throws(
    () => readCifar100File(ten, { layout: 'python' }),
    /train: the dict has no key 'coarse_labels', only labels, data/,
  );
});

test('a folder with files of the Python version in part is told', async () => {
  const root = folderWith({ 'cifar-10-batches-py/data_batch_1': pickle() });
  assert.match(
    await refusal(loadCifar10(root), DatasetNotFoundError),
    /cifar-10-batches-py \(lacks data_batch_2, data_batch_3/,
  );
  assert.equal((await loadCifar10(root, { batches: 'present' })).batches, [1]);
});

const data = process.env.WGRAD_DATA ?? '';
const testReal = data && existsSync(join(data, 'cifar-10-batches-bin/data_batch_1.bin')) ? test : test.skip;

testReal('the 10,000 images of a real batch are the same from a pickle as from the binary file', async () => {
  const binary = await loadCifar10(data, { batches: [1] });
  const labels = [...binary.labels].flatMap((label) => ['K', label]);
  const bytes = pickle({ count: 10_000, values: binary.images, labels });
  const pickled = readCifar10Files([{ name: 'data_batch_1', bytes }], { layout: 'python' });
  assert.ok(Buffer.from(pickled.images).equals(binary.images));
  assert.equal(pickled.labels, binary.labels);
});
test.run();

// Attacks by path: archives whose names lead elsewhere, pipes and devices where files are expected, archives that inflate
// without end. Nothing outside is read or written, and nothing waits.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTarGz } from '../../datasets/node/archiveTarGz.ts';
import { readZip } from '../../datasets/node/archiveZip.ts';
import { etagFile } from '../../datasets/node/download/download.ts';
import { withFileLock } from '../../datasets/node/download/fileLock.ts';
import { openZipFolder } from '../../datasets/node/folders/openZipFolder.ts';
import { readDevkit } from '../../datasets/node/imagenet/readDevkit.ts';
import { fetchFile, loadImage, loadMnist, openImageFolder } from '../../datasets/node/index.ts';
import { openCheckpoint } from '../../engine/node/checkpoint.ts';
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { readTuning } from '../../engine/node/tuningFile.ts';
import { FormatError, WgradError } from '../../kernels/errors.ts';
import { readCheckpoint } from '../../training/node/index.ts';
import { MetricsLog } from '../../training/node/metricsLog.ts';
import { replaceFolder } from '../../training/node/replaceFolder.ts';
import { refuses } from '../datasets/refusal.ts';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';
import { zipBytes } from '../datasets/zipFile.ts';

const test = suite('attacks by path');
const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const NAMES = ['../../x', '/x', 'C:/x', 'C:\\x', '..\\..\\x', 'a/../../../x', 'a\0b', '..', ''];
const BOUNDS = { maxEntryBytes: 1000, maxBytes: 1e6 };

type TarEntry = Parameters<ReturnType<typeof pack>['entry']>[0];

async function tarGz(entries: readonly TarEntry[], content = 'text'): Promise<Buffer> {
  const archive = pack();
  for (const entry of entries) archive.entry(entry, (entry.type ?? 'file') === 'file' ? content : '');
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

/** What lies in and above a folder that an archive was read in. */
function around(folder: string): string[] {
  return [folder, dirname(folder), tmpdir(), '/'].flatMap((each) =>
    readdirSync(each).filter((name) => /^x$|^b$/.test(name)),
  );
}

test('names in a tar that lead out are keys, and are followed nowhere', async () => {
  for (const name of NAMES.filter(Boolean)) {
    const root = make({ 'a.tar.gz': await tarGz([{ name: 'a', pax: { path: name } }]) });
    const path = join(root, 'a.tar.gz');
    const found = await readTarGz(path, (each) => each, BOUNDS).catch((error: Error) => error);
    if (found instanceof Error) assert.instance(found, FormatError, name);
    else assert.is(Buffer.from([...found.values()][0]!.bytes).toString(), 'text');
    assert.equal(readdirSync(root), ['a.tar.gz'], name);
    assert.equal(around(root), [], name);
  }
});

test('names in a zip that lead out are refused or keys, and are followed nowhere', async () => {
  for (const name of NAMES) {
    const root = make({ 'a.zip': zipBytes([[name, Buffer.from('text')]]) });
    const path = join(root, 'a.zip');
    const found = await readZip(path, (each) => each, BOUNDS).catch((error: Error) => error);
    if (found instanceof Error) assert.instance(found, FormatError, `${name}: ${found.stack}`);
    if (/^\/|^\.\.\/|^C:/.test(name)) assert.instance(found, FormatError, name);
    const opened = await openZipFolder(path, '..', { maxBytes: 1e3 }).catch((error: Error) => error);
    if (opened instanceof Error) assert.instance(opened, FormatError, name);
    else assert.equal([...opened.names], [], name);
    assert.equal(readdirSync(root), ['a.zip'], name);
    assert.equal(around(root), [], name);
  }
});

test("links and devices in ImageNet's devkit are no files", async () => {
  const data = 'ILSVRC2012_devkit_t12/data';
  for (const type of ['symlink', 'link', 'fifo', 'character-device'] as const) {
    const entries: TarEntry[] = [
      { name: `${data}/meta.mat`, type, linkname: '/etc/passwd' },
      { name: `${data}/ILSVRC2012_validation_ground_truth.txt` },
    ];
    const root = make({ 'ILSVRC2012_devkit_t12.tar.gz': await tarGz(entries) });
    await refuses(readDevkit(root), FormatError, new RegExp(`meta\\.mat: is a ${type}, expected a file`));
  }
});

test('an entry that claims little and inflates to much stops at what it claims', async () => {
  const bomb = zipBytes([['images/1.png', Buffer.alloc(2 ** 26)]], { size: 100 });
  assert.ok(bomb.length < 2 ** 17);
  const path = join(make({ 'a.zip': bomb }), 'a.zip');
  const before = process.memoryUsage().arrayBuffers;
  await refuses(
    readZip(path, (name) => name, BOUNDS),
    FormatError,
    /damaged \.zip: too many bytes in the stream/,
  );
  const folder = await openZipFolder(path, 'images', { maxBytes: 1e3 });
  await refuses(folder.read('1.png'), FormatError, /images\/1\.png: cannot be read: too many bytes in the stream/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 23);
  const tar = await tarGz(
    Array.from({ length: 300 }, (_, i) => ({ name: `unwanted${i}` })),
    'x'.repeat(2 ** 13),
  );
  assert.ok(tar.length < 2 ** 16);
  const tarPath = join(make({ 'a.tar.gz': tar }), 'a.tar.gz');
  await refuses(
    readTarGz(tarPath, () => undefined, BOUNDS),
    FormatError,
    /inflates to more than 1000000 bytes/,
  );
});

/** Replaces a file by a pipe that nobody writes into. */
function asPipe(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  try {
    unlinkSync(path);
  } catch {} // there was none
  const { status, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return path;
}

async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const tooLate = sleep(5000, undefined, { signal: ended.signal }).then((): never => {
    throw new Error(`${what}: still waits`);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    ended.abort();
    tooLate.catch(() => {});
  }
}

const testPipes = process.platform === 'win32' ? test.skip : test; // which has no such files

testPipes('a pipe or a device where a file is expected is refused, and nothing waits for a writer', async () => {
  const root = make();
  const checkpoint = join(root, 'checkpoint');
  const mnist = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'].map((name) => join(root, 'mnist', name));
  const readers: [what: string, path: string, read: (path: string) => unknown][] = [
    ['weights', 'a.safetensors', (path) => openCheckpoint(path)],
    ['a picture', 'a.png', (path) => loadImage(path)],
    ['a tar', 'a.tar.gz', (path) => readTarGz(path, (name) => name, BOUNDS)],
    ['a zip', 'a.zip', (path) => readZip(path, (name) => name, BOUNDS)],
    ['a folder in a zip', 'b.zip', (path) => openZipFolder(path, 'images', { maxBytes: 10 })],
    ['a devkit', 'ILSVRC2012_devkit_t12.tar.gz', () => readDevkit(root)],
    ['metrics', 'metrics.jsonl', (path) => new MetricsLog(path).read()],
    ['a checkpoint', 'checkpoint/state.json', () => readCheckpoint(checkpoint)],
    ['a manifest', 'other/manifest.json', (path) => readCheckpoint(dirname(path))],
  ];
  for (const [what, name, read] of readers) {
    const path = join(root, name);
    for (const put of [asPipe, asDevice]) {
      put(path);
      await soon(what, refuses((async () => read(path))(), WgradError, /: is no file/));
    }
  }
  for (const path of mnist) asPipe(path);
  await soon('mnist', refuses(loadMnist(root, { download: false }), WgradError, /were not found/));
  asPipe(join(root, 'images/class/1.png'));
  await soon(
    'images',
    refuses(openImageFolder(join(root, 'images'), { cache: false }), FormatError, /1\.png: is no file/),
  );
  const tuning: string[] = [];
  assert.is(readTuning(asPipe(join(root, 'tune.json')), (message) => tuning.push(message)).size, 0);
  assert.match(tuning.join(), /is no file/);
  const lock = asPipe(join(root, 'lock'));
  assert.is(
    await soon(
      'a lock',
      withFileLock(lock, async () => 7, { staleAfter: 150 }),
    ),
    7,
  );
  const part = join(root, 'file.part');
  writeFileSync(part, 'half');
  asPipe(etagFile(part));
  const missing = fetchFile(root, { path: 'file', urls: ['http://127.0.0.1:1/'] });
  await soon('a note beside a download', refuses(missing, WgradError, /127\.0\.0\.1/));
});

function asDevice(path: string): void {
  unlinkSync(path);
  symlinkSync('/dev/zero', path);
}

test('a file that is replaced does not write through a link', () => {
  const root = make({ victim: 'precious', 'run/checkpoint/state.json': 'old' });
  symlinkSync(join(root, 'victim'), join(root, 'report.html'));
  replaceFile(join(root, 'report.html'), 'report');
  symlinkSync(join(root, 'run/checkpoint'), join(root, 'checkpoint.next'));
  replaceFolder(join(root, 'checkpoint'), new Map([['state.json', new TextEncoder().encode('new')]]));
  assert.is(readFileSync(join(root, 'victim'), 'utf8'), 'precious');
  assert.is(readFileSync(join(root, 'run/checkpoint/state.json'), 'utf8'), 'old');
  assert.is(readFileSync(join(root, 'checkpoint/state.json'), 'utf8'), 'new');
});

test.run();

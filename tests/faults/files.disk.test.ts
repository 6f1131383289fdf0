// Disks that are full, read-only or gone while `wgrad train` runs: one line says what and where, and the last checkpoint
// stays.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import { DataLoader, openImageFolder } from '../../datasets/node/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { FileError } from '../../kernels/errors.ts';
import { defaultRecipe } from '../../training/index.ts';
import { checkpointFolder, readCheckpoint, run } from '../../training/node/index.ts';
import { type Ended, runWgrad } from '../cli/runWgrad.ts';
import { imageBytes } from '../datasets/imageFixtures.ts';
import { refuses } from '../datasets/refusal.ts';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';
import { bundled, leftovers, live } from './killing.ts';
import { canMount, smallDisk } from './smallDisk.ts';

const test = suite('disk faults');
const testMounted = canMount() ? test : test.skip; // needs root on Linux
const folder = mkdtempSync(join(tmpdir(), 'wgrad-disk-'));
const { make, removeAll } = temporaryFolders();
test.after(() => {
  removeAll();
  rmSync(folder, { recursive: true });
});

// a checkpoint of LeNet-5 with momentum has 494 KB
const TRAIN = ['train', 'lenet5', '--dataset', 'glyphs', '--limit', '48', '--batch-size', '16', '--epochs', '2'];
const RESUME = ['train', '--resume'];

function stepIn(out: string): number {
  return readCheckpoint(checkpointFolder(out), { onDamage: assert.unreachable }).progress.step;
}

/** One line of error after what was announced, and no stack. */
function saysOnce({ code, stderr }: Ended, message: RegExp): void {
  assert.is(code, 1, stderr);
  assert.match(stderr.trim().split('\n').at(-1)!, message);
  assert.not.match(stderr, /\n\s+at /);
}

testMounted(
  'a full disk ends training with its name, the last checkpoint stays, and with room the run goes on',
  async () => {
    using disk = smallDisk('1200k');
    const out = join(disk.path, 'run');
    const full = await runWgrad([...TRAIN, '--checkpoint-every', '1', '--out', out], { cwd: folder });
    saysOnce(
      full,
      /^wgrad: .*checkpoint: cannot be written: the disk is full: \d+ bytes are needed, \d+ are free: free some/,
    );
    assert.is(stepIn(out), 1);
    assert.equal(leftovers(out), []);
    disk.change('size=8m');
    const resumed = await runWgrad([...RESUME, '--out', out], { cwd: folder });
    assert.is(resumed.code, 0, resumed.stderr);
    assert.is(stepIn(out), 6);
  },
);

testMounted('a folder that becomes read-only ends training, and the checkpoint stays as it is', async () => {
  using disk = smallDisk('8m');
  const out = join(disk.path, 'run');
  const device = await createDevice();
  const config = { ...defaultRecipe(), model: 'lenet5', dataset: 'glyphs', data: null, limit: null, seed: 0 } as const;
  const options = {
    ...{ config: { ...config, epochs: 2, batchSize: 16 }, device, out, checkpointEvery: 1 },
    ...{ trainSet: glyphs({ count: 48 }), testSet: glyphs({ train: false, count: 10 }) },
    onStep: ({ progress }: { progress: { step: number } }) => {
      if (progress.step === 3) disk.change('ro');
    },
  };
  await refuses(run(options), FileError, /cannot be (made|written): the file system is read-only: .* \(EROFS\)/);
  device.destroy();
  assert.is(stepIn(out), 2);
  const before = readdirSync(checkpointFolder(out));
  const resumed = await runWgrad([...RESUME, '--out', out], { cwd: folder });
  saysOnce(resumed, /^wgrad: .*: cannot be written: the file system is read-only: .* \(EROFS\)/);
  assert.equal(readdirSync(checkpointFolder(out)), before);
  assert.equal(leftovers(out), []);
  const fresh = await runWgrad([...TRAIN, '--out', join(disk.path, 'other')], { cwd: folder });
  saysOnce(fresh, /other: cannot be made: the file system is read-only/);
});

test('a limit on the size of files is told, and the old checkpoint stays', async () => {
  const program = bundled('killedWriter', folder);
  const out = join(folder, 'limited');
  const first = await live([program, checkpointFolder(out), '1'], { lines: 1, wait: 0 });
  assert.ok(Number(first.last) >= 1, first.errors);
  const step = stepIn(out);
  const command = 'ulimit -f 500 && exec "$0" "$@"'; // in KiB; the weights have 1 MiB
  const { status, stderr } = spawnSync('bash', ['-c', command, process.execPath, program, checkpointFolder(out), '9'], {
    encoding: 'utf8',
  });
  assert.is(status, 1, stderr);
  assert.match(stderr, /FileError: .*checkpoint: cannot be written: .*larger than .*ulimit -f.* \(EFBIG\)/);
  assert.ok(stepIn(out) >= step && stepIn(out) < 9);
  assert.equal(leftovers(out), []);
});

test("a run's folder that vanishes within an epoch is told", async () => {
  const out = join(folder, 'vanishing');
  const device = await createDevice();
  const config = { ...defaultRecipe(), model: 'lenet5', dataset: 'glyphs', data: null, limit: null, seed: 0 } as const;
  const running = run({
    ...{ config: { ...config, epochs: 2, batchSize: 16 }, device, out, checkpointEvery: 1 },
    ...{ trainSet: glyphs({ count: 48 }), testSet: glyphs({ train: false, count: 10 }) },
    onStep: ({ progress }) => {
      if (progress.step === 2) rmSync(out, { recursive: true });
    },
  });
  await refuses(running, FileError, /vanishing.* cannot be written: its folder is gone: was it moved or removed\?/);
  device.destroy();
});

for (const workers of [0, 2]) {
  test(`a data folder that vanishes between epochs is told, with ${workers} workers, even where bad images are skipped`, async () => {
    const png = imageBytes('tiny-2x3-interlaced.png');
    const names = Array.from({ length: 12 }, (_, i) => [`in/${i % 2 ? 'a' : 'b'}/${i}.png`, png] as const);
    const root = join(make(Object.fromEntries(names)), 'in');
    const data = await openImageFolder(root, { cache: false });
    await using loader = new DataLoader(data, { batchSize: 2, workers, skipBad: true, persistentWorkers: true });
    const epoch = async () => {
      let images = 0;
      for await (const { labels } of loader) images += labels.length;
      return images;
    };
    assert.is(await epoch(), 12);
    rmSync(join(root, 'a/1.png'));
    assert.is(await epoch(), 11, 'one that is missing is skipped');
    rmSync(root, { recursive: true });
    await refuses(epoch(), FileError, /\/in: cannot be read: it is missing: was it moved or removed\? \(ENOENT\)/);
  });
}

test('a device that is full, and a pipe, are written to as they are', () => {
  assert.throws(() => replaceFile('/dev/full', 'text'), /^.*\/dev\/full: cannot be written: the disk is full/);
  replaceFile('/dev/null', 'text');
  assert.ok(!readFileSync('/dev/null').length);
});

test.run();

// Every call to the file system that saving makes fails once, with each of the disk's errors: what was there stays, nothing
// half-written does, and saving again works.
import { spawnSync } from 'node:child_process';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replaceFile, replaceFileByParts } from '../../engine/node/replaceFile.ts';
import { FileError } from '../../kernels/errors.ts';
import { MetricsLog } from '../../training/node/metricsLog.ts';
import { folderVersions, replaceFolder } from '../../training/node/replaceFolder.ts';

const test = suite('injected file errors');
const root = mkdtempSync(join(tmpdir(), 'wgrad-injected-'));
test.after(() => rmSync(root, { recursive: true }));

const CALLS = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'mkdirSync'] as const;
const CODES = ['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EDQUOT'];

/** Runs `action`; of all calls that it makes, number `at` fails. */
function failing(at: number, code: string, action: () => void): { calls: number; error: unknown } {
  const originals = CALLS.map((name) => [name, fs[name]] as const);
  let calls = 0;
  for (const [name, original] of originals) {
    const wrapped = (...args: unknown[]): unknown => {
      const isFailing = calls++ === at;
      const fail = () => {
        throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name });
      };
      if (isFailing && name !== 'closeSync') fail(); // what is not closed would leak
      const result = (original as (...args: unknown[]) => unknown)(...args);
      return isFailing ? fail() : result;
    };
    Object.assign(fs, { [name]: wrapped });
  }
  syncBuiltinESMExports();
  try {
    action();
    return { calls, error: undefined };
  } catch (error) {
    return { calls, error };
  } finally {
    for (const [name, original] of originals) Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  }
}

test('a file is the old one or the new one, whichever call fails', () => {
  const path = join(root, 'file');
  for (const code of CODES) {
    for (let at = 0, isDone = false; !isDone; at++) {
      writeFileSync(path, 'old');
      const { calls, error } = failing(at, code, () => replaceFile(path, 'new'));
      isDone = calls <= at;
      if (isDone) assert.ok(at >= 7, `${at} calls were made`);
      else
        assert.ok(error instanceof FileError && error.code === code && error.message.startsWith(path), String(error));
      assert.ok(['old', 'new'].includes(readFileSync(path, 'utf8')));
      assert.equal(readdirSync(root), ['file']);
    }
    assert.is(readFileSync(path, 'utf8'), 'new');
  }
});

test('a checkpoint is the old one or the new one, whichever call fails, and the next one is saved', () => {
  const filesOf = (step: string) => new Map(['a', 'b'].map((name) => [name, new TextEncoder().encode(name + step)]));
  const stepOf = (folder: string) => {
    const [found] = folderVersions(folder);
    const steps = ['a', 'b'].map((name) => readFileSync(join(found!, name), 'utf8').slice(1));
    assert.is(steps[0], steps[1], 'of one checkpoint');
    return Number(steps[0]);
  };
  for (const code of CODES) {
    for (let at = 0, isDone = false; !isDone; at++) {
      const parent = mkdtempSync(join(root, 'run-'));
      const folder = join(parent, 'checkpoint');
      for (const step of ['1', '2']) replaceFolder(folder, filesOf(step));
      const { calls, error } = failing(at, code, () => replaceFolder(folder, filesOf('3')));
      isDone = calls <= at;
      if (isDone) assert.ok(at >= 18, `${at} calls were made`);
      else assert.ok(error instanceof FileError && error.code === code, String(error));
      assert.ok([2, 3].includes(stepOf(folder)), `call ${at}: the checkpoint is of step ${stepOf(folder)}`);
      replaceFolder(folder, filesOf('4'));
      assert.is(stepOf(folder), 4);
      assert.equal(readdirSync(parent).sort(), ['checkpoint', 'checkpoint.previous']);
      assert.equal(readdirSync(folder).sort(), ['a', 'b', 'manifest.json']);
    }
  }
});

test('parts that cannot be made, or do not fit, leave the old file', async () => {
  const path = join(mkdtempSync(join(root, 'parts-')), 'file');
  writeFileSync(path, 'old');
  const parts = async function* () {
    yield new Uint8Array(10);
    throw new TypeError('no more');
  };
  const error = await replaceFileByParts(path, parts()).catch((thrown: Error) => thrown);
  assert.instance(error, TypeError);
  const inNowhere = await replaceFileByParts(join(root, 'no/file'), []).catch((thrown: Error) => thrown);
  assert.instance(inNowhere, FileError);
  assert.match((inNowhere as Error).message, /no\/file: cannot be written: its folder is gone/);
  assert.equal(readdirSync(join(path, '..')), ['file']);
  assert.is(readFileSync(path, 'utf8'), 'old');
});

test('what a killed process left half-written is removed by the next, and nothing else', () => {
  const folder = mkdtempSync(join(root, 'stale-'));
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(join(folder, 'file'), '');
  // the name of our own temporary files tells this machine's number
  let ours = '';
  const { error } = failing(2, 'EIO', () => {
    const rename = fs.rmSync;
    fs.rmSync = ((path: string) => {
      ours = basename(path);
    }) as typeof fs.rmSync;
    syncBuiltinESMExports();
    try {
      replaceFile(join(folder, 'file'), 'new');
    } finally {
      fs.rmSync = rename;
    }
  });
  assert.instance(error, FileError);
  const [, machine] = ours.split('-');
  const named = (pid: number | undefined, host = machine) => `.wgrad-${host}-${pid}-0123456789ab.tmp`;
  const kept = ['.wgrad-note.tmp', 'file', 'other.tmp', named(process.ppid), named(dead, '00000000')];
  const old = named(7, '00000001');
  for (const name of [...kept, named(dead), old]) writeFileSync(join(folder, name), '');
  utimesSync(join(folder, old), 0, 0);
  rmSync(join(folder, ours));
  replaceFile(join(folder, 'file'), 'new');
  assert.equal(readdirSync(folder).sort(), kept.sort());
});

test('a torn last line of metrics is passed over, and cut when the run resumes', () => {
  const path = join(root, 'metrics.jsonl');
  const log = new MetricsLog(path);
  for (const step of [1, 2, 3]) log.append({ kind: 'step', step, epoch: 1, loss: 1, lr: 1, seconds: 1 });
  const whole = readFileSync(path);
  const start = whole.lastIndexOf('\n', whole.length - 2) + 1;
  for (let end = start; end < whole.length; end++) {
    writeFileSync(path, whole.subarray(0, end));
    // a line that lacks nothing but its end counts
    const rows = end === whole.length - 1 ? 3 : 2;
    assert.is(log.read().rows.length, rows);
    assert.is(log.truncateAfter(3).length, rows);
    log.append({ kind: 'step', step: 4, epoch: 1, loss: 1, lr: 1, seconds: 1 });
    assert.is(log.read().rows.length, rows + 1);
    assert.is(log.read().cutLine, undefined);
  }
});

test.run();

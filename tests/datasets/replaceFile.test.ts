// replaceFile: the old file or the new one, and nobody else's.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replaceFile } from '../../engine/node/replaceFile.ts';

const test = suite('replaceFile');
const root = mkdtempSync(join(tmpdir(), 'wgrad-replace-'));
test.after(() => rmSync(root, { recursive: true }));

test('a file is replaced, and what another process is writing beside it stays as it is', () => {
  const folder = join(root, 'two');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), 'old');
  writeFileSync(join(folder, 'config.json.new'), 'half of ano');
  replaceFile(join(folder, 'config.json'), 'new');
  assert.is(readFileSync(join(folder, 'config.json'), 'utf8'), 'new');
  assert.is(readFileSync(join(folder, 'config.json.new'), 'utf8'), 'half of ano');
  assert.equal(readdirSync(folder), ['config.json', 'config.json.new']);
});

test('where it cannot be replaced nothing is left behind', () => {
  const folder = join(root, 'taken');
  mkdirSync(join(folder, 'config.json'), { recursive: true });
  assert.throws(() => replaceFile(join(folder, 'config.json'), 'new'), /EISDIR|EPERM|ENOTEMPTY|EEXIST/);
  assert.equal(readdirSync(folder), ['config.json']);
});

test.run();

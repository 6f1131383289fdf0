// The README's program runs as printed, and trains.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));

test("the README's program runs as printed and its loss falls", () => {
  const [, program] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))!;
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-readme-'));
  try {
    // installed as a user has it: node_modules/wgrad
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/wgrad'), 'dir');
    writeFileSync(join(folder, 'train.mjs'), program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'train.mjs')], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    const losses = [...stdout.matchAll(/^step \d+: loss ([\d.]+)$/gm)].map(([, loss]) => Number(loss));
    assert.ok(losses.length >= 4, stdout);
    assert.ok(losses[0] > 2 && losses.at(-1)! < 0.8 * losses[0], stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();

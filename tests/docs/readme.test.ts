// The README's programs run as printed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = process.env.WGRAD_DATA;

test("the README's first program runs as printed and its loss falls", () => {
  const stdout = runProgram(0);
  const losses = [...stdout.matchAll(/^step \d+: loss ([\d.]+)$/gm)].map(([, loss]) => Number(loss));
  assert.ok(losses.length >= 4, stdout);
  assert.ok(losses[0] > 2 && losses.at(-1)! < 0.8 * losses[0], stdout);
});

if (data) {
  test("the README's second program classifies a photograph as PyTorch does", () => {
    const weights = join(data, 'pretrained/mobilenetV1X0.25_pretrain.tar');
    const stdout = runProgram(1, ['mobilenet_v1_025', weights, join(data, 'photos/dog.jpg')]);
    assert.match(stdout, /^Samoyed 0\.774\nGreat Pyrenees 0\.063\n/);
  });
} else test.skip("the README's second program classifies a photograph (WGRAD_DATA is unset)", () => {});

test.run();

/** Runs one of the README's programs in a folder of a user who has installed the package; returns what it printed. */
function runProgram(number: number, args: readonly string[] = []): string {
  const programs = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)];
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-readme-'));
  try {
    // installed as a user has it: node_modules/wgrad
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/wgrad'), 'dir');
    const file = join(folder, 'program.mjs');
    writeFileSync(file, programs[number][1]);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// `wgrad samples`, on files of its own and generated images.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { idxBytes } from '../datasets/idxFile.ts';
import { runWgrad } from './runWgrad.ts';

const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
const data = join(folder, 'mnist');
mkdirSync(data);
writeFileSync(join(data, 't10k-images-idx3-ubyte'), idxBytes([20, 28, 28]));
writeFileSync(join(data, 't10k-labels-idx1-ubyte'), idxBytes([20], { modulus: 10 }));
const test = suite('wgrad samples');
test.after(() => rmSync(folder, { recursive: true }));

test('a grid has as many images as were asked for, in rows', async () => {
  const png = await samples('mnist', '--data', data, '--count', '12', '--columns', '5');
  assert.equal([png.width, png.height], [5 * 30 + 2, 3 * 30 + 2]);
});

test('a smaller set is shown whole, and inverted it is not the same', async () => {
  const png = await samples('mnist', '--data', data);
  assert.equal([png.width, png.height], [16 * 30 + 2, 2 * 30 + 2]);
  const inverted = await samples('mnist', '--data', data, '--invert');
  const at = (image: PNG) => image.data[4 * (10 * image.width + 10)]!;
  assert.ok(Math.abs(at(png) + at(inverted) - 255) <= 1, `${at(png)} and ${at(inverted)}`);
});

test('the seed decides which images', async () => {
  const seeds = [[], ['--seed', '0'], ['--seed', '1']];
  const [first, again, other] = await Promise.all(seeds.map((seed) => samples('glyphs', '--count', '8', ...seed)));
  assert.ok(first!.data.equals(again!.data));
  assert.not.ok(first!.data.equals(other!.data));
});

test('with labels there is room for them', async () => {
  const png = await samples('glyphs', '--count', '3', '--columns', '3', '--labels');
  assert.equal([png.width, png.height], [8 + 3 * (56 + 8), 8 + 56 + 4 + 10 + 8]);
});

test('what cannot be drawn is refused before a file is made', async () => {
  for (const [args, message] of [
    [['mnist', '--data', join(folder, 'absent')], /mnist: the test files were not found/],
    [['letters'], /Allowed choices are/],
    [['glyphs', '--count', '0'], /An integer of at least 1 is expected/],
    [['glyphs', '--labels', '--count', '1000', '--columns', '1000'], /expected at most 16384/],
  ] as const) {
    const out = join(folder, 'refused.png');
    const { code, stderr } = await runWgrad(['samples', ...args, '--out', out], {
      cwd: folder,
      env: { WGRAD_DATA: '' },
    });
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.not(existsSync(out));
  }
});

test.run();

async function samples(...args: string[]): Promise<PNG> {
  const out = join(mkdtempSync(join(folder, 'out-')), 'new', 'samples.png');
  const { code, stderr, stdout } = await runWgrad(['samples', ...args, '--out', out], { cwd: folder });
  assert.is(code, 0, stderr);
  assert.is(stdout, `${out}\n`);
  return PNG.sync.read(readFileSync(out));
}

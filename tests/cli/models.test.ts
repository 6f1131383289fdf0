// `wgrad summary`, `wgrad compare` and `wgrad diagram`: models looked into without a GPU.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listModels } from '../../models/index.ts';
import { runWgrad } from './runWgrad.ts';

const root = mkdtempSync(join(tmpdir(), 'wgrad-models-'));
const test = suite('wgrad summary, compare and diagram');
test.after(() => rmSync(root, { recursive: true }));

test('summary prints the table and the costs, labelled', async () => {
  const { stdout, code } = await wgrad(['summary', 'alexnet']);
  assert.is(code, 0);
  assert.match(stdout, / {11}Linear-21 {17}\[-1, 1000\] {7}4,097,000\n/);
  assert.match(stdout, /Estimated Total Size \(MB\): 242\.03/);
  assert.match(
    stdout,
    /Multiply-accumulates: 714,188,480 \(0\.714 GMAC; as floating-point operations twice that, 1\.428 GFLOP\)/,
  );
});

test('summary takes another image size and number of classes, by layer and as JSON', async () => {
  const { stdout } = await wgrad(['summary', 'resnet18', '--input', '3x64x64', '--classes', '10', '--macs']);
  assert.match(stdout, /^layer4\.1\.conv2 +Conv2d +\[512, 2, 2\] +2,359,296 +9,437,184 +8,192$/m);
  assert.match(stdout, /^fc +Linear +\[10\] +5,130 +5,120 +40$/m);
  const json = await wgrad(['summary', 'lenet5', '--json', '--input', '3x28x28']);
  const { parameters, macs, head, paper, layers } = JSON.parse(json.stdout);
  assert.equal([parameters, macs, head, paper.year], [61_706 + 2 * 150, 416_520 + 2 * 117_600, 'fc3', 1998]);
  assert.is(layers.length, 6);
});

test('compare gives all models as a table, as JSON and as a figure', async () => {
  const out = join(root, 'compare');
  const table = await wgrad(['compare', '--no-time', '--out', out]);
  for (const model of listModels()) assert.match(table.stdout, new RegExp(`^${model} +`, 'm'));
  assert.match(table.stdout, /^vgg16 +3x224x224 +138,357,544 +15\.470 +109\.5 MiB +71\.59 +90\.38 +ImageNet$/m);
  assert.equal(readdirSync(out).sort(), ['compare.json', 'compare.svg']);
  const { models } = JSON.parse(readFileSync(join(out, 'compare.json'), 'utf8'));
  assert.equal(
    models.map(({ model }: { model: string }) => model),
    listModels(),
  );
  assert.match(readFileSync(join(out, 'compare.svg'), 'utf8'), />resnet152</);
});

test('compare draws no figure where no accuracy is published, and says so', async () => {
  const out = join(root, 'unpublished');
  const { stdout, code } = await wgrad(['compare', 'nin', '--no-time', '--out', out]);
  assert.is(code, 0);
  assert.match(stdout, /no figure: none of these models has a published accuracy/);
  assert.equal(readdirSync(out), ['compare.json']);
});

test('compare measures forward passes on the adapter', async () => {
  const { stdout } = await wgrad(['compare', 'lenet5', 'resnet20', '--batch', '2', '--json']);
  const { adapter, batch, models } = JSON.parse(stdout);
  assert.ok(adapter.length > 0);
  assert.is(batch, 2);
  assert.ok(models.length === 2 && models.every(({ forwardMs }: { forwardMs: number }) => forwardMs > 0));
});

test('diagram draws one model to stdout or a file, or all into a folder', async () => {
  const { stdout } = await wgrad(['diagram', 'squeezenet1_1']);
  assert.match(stdout, /^<svg /);
  const out = join(root, 'figures');
  const { code } = await wgrad(['diagram', '--all', '--out', out]);
  assert.is(code, 0);
  assert.is(readdirSync(out).length, listModels().length);
});

test('what cannot be is said with exit code 2, and nothing is written', async () => {
  const out = join(root, 'none');
  for (const [args, message] of [
    [['summary', 'resnet51'], /no model 'resnet51'; did you mean resnet50/],
    [['summary', 'alexnet', '--input', '3x20x20'], /AlexNet/],
    [['summary', 'alexnet', '--input', '224'], /Channels, height and width are expected: 3x224x224/],
    [['compare', 'alexnett', '--out', out], /did you mean alexnet/],
    [['compare', 'alexnet', '--no-time', '--out', import.meta.filename], /--out .* is a file; compare\.json goes into/],
    [['diagram'], /which model\?/],
    [['diagram', 'alexnet', '--all', '--out', out], /--all draws every model/],
  ] as const) {
    const { code, stdout, stderr } = await wgrad([...args]);
    assert.match(stderr, message);
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '');
  }
  assert.not(existsSync(out));
});

test.run();

function wgrad(args: readonly string[]) {
  return runWgrad(args, { cwd: root });
}

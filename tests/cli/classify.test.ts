// `wgrad classify` and `wgrad eval` as a user meets them: with weights of one's own training, and with real ones.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { readSafetensors, writeSafetensors } from '../../engine/serialization/index.ts';
import { createModel } from '../../models/index.ts';
import { type Evaluation, evaluate } from '../../training/index.ts';
import { type Ended, runWgrad } from './runWgrad.ts';

const test = suite('classify and eval');
const root = mkdtempSync(join(tmpdir(), 'wgrad-classify-'));
const weights = join('run', 'checkpoint', 'model.safetensors');
const testSet = glyphs({ train: false });
const germanNames = ['null', 'eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun'];
let trained: { testAccuracy: number; testLoss: number };
/** What the trained model answers, without the command line. */
let expected: Evaluation;
test.before(async () => {
  const sizes = ['--limit', '1500', '--epochs', '1', '--batch-size', '32'];
  const { stdout, stderr } = await wgrad([
    'train',
    'lenet5',
    '--dataset',
    'glyphs',
    ...sizes,
    '--out',
    'run',
    '--json',
  ]);
  assert.ok(stdout, stderr);
  trained = JSON.parse(stdout);
  const device = await createDevice();
  const model = createModel('lenet5').to(device);
  model.loadStateDict(readSafetensors(readFileSync(join(root, weights))).tensors);
  expected = await evaluate(model, device, testSet);
  for (const index of [0, 1, 2, 3]) writeGlyph(index);
  writeFileSync(join(root, 'truncated.png'), readFileSync(join(root, '3.png')).subarray(0, 200));
  writeFileSync(join(root, 'names.txt'), `${germanNames.join('\r\n')}\r\n\r\n`);
});
test.after(() => rmSync(root, { recursive: true }));

test('eval repeats the result of the run that the weights are from', async () => {
  const { code, stdout, stderr } = await wgrad([
    'eval',
    'lenet5',
    '--weights',
    weights,
    '--dataset',
    'glyphs',
    '--json',
  ]);
  assert.is(code, 0, stderr);
  assert.is(stdout.trimEnd().split('\n').length, 1);
  const { correct, total, top1, top5, loss, imagesPerSecond, ...rest } = JSON.parse(stdout);
  assert.equal([correct / total, total, top1], [trained.testAccuracy, 1000, trained.testAccuracy]);
  assert.ok(top5 >= top1 && top5 <= 1 && imagesPerSecond > 0);
  assert.ok(Math.abs(loss - trained.testLoss) < 1e-6);
  assert.equal([rest.model, rest.dataset, rest.weights], ['lenet5', 'glyphs', weights]);
  assert.match(stderr, /mean 0\.156, std [\d.]+ \(as in its training on glyphs\)/);
});

test('eval prints text without --json; options limit it and change what images become', async () => {
  const flags = ['--limit', '50', '--batch-size', '7', '--mean', '0.9', '--std', '0.1', '--crop', '28'];
  const { code, stdout, stderr } = await wgrad([
    'eval',
    'lenet5',
    '--weights',
    weights,
    '--dataset',
    'glyphs',
    ...flags,
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^top-1 [\d.]+ % \(\d+ of 50 right\), top-5 [\d.]+ %, loss [\d.]+ \(\d+ images\/s\)\n$/);
  assert.match(stderr, /crop 28, mean 0\.9, std 0\.1 \(as in its training on glyphs, --crop, --mean, --std\)/);
});

test('classify answers for each picture, in order, with the probabilities of all classes', async () => {
  const images = ['2.png', '0.png', '1.png'];
  const flags = ['--model', 'lenet5', '--weights', weights, '--top', '10', '--json'];
  const { code, stdout, stderr } = await wgrad(['classify', ...images, ...flags]);
  assert.is(code, 0, stderr);
  assert.is(stdout.trimEnd().split('\n').length, 1);
  const { results }: Output = JSON.parse(stdout);
  assert.is(results.length, 3);
  for (const [i, { image, top }] of results.entries()) {
    const index = Number.parseInt(images[i], 10);
    assert.equal([image, top[0].index, top[0].name], [images[i], expected.predictions[index], String(top[0].index)]);
    assert.ok(Math.abs(top[0].probability - expected.probabilities[index]) < 1e-5);
    assert.equal(new Set(top.map((each) => each.index)).size, 10);
    assert.ok(Math.abs(top.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-9);
    assert.ok(top.every(({ probability }, j) => j === 0 || probability <= top[j - 1].probability));
  }
});

test('classify prints a block for each picture: names from a file, percents, bars', async () => {
  const flags = ['--model', 'lenet5', '--weights', weights, '--classes', 'names.txt', '--top', '3'];
  const { code, stdout, stderr } = await wgrad(['classify', '2.png', '0.png', ...flags]);
  assert.is(code, 0, stderr);
  const blocks = stdout.trimEnd().split('\n\n');
  assert.is(blocks.length, 2);
  for (const [i, index] of [2, 0].entries()) {
    const [image, ...lines] = blocks[i].split('\n');
    assert.equal([image, lines.length], [`${index}.png`, 3]);
    const [, name, percent, bar] = lines[0].match(/^ {2}(\S+) +(\d+\.\d) % {2}(━+)$/)!;
    const probability = expected.probabilities[index];
    assert.is(name, germanNames[expected.predictions[index]]);
    assert.ok(Math.abs(Number(percent) - 100 * probability) < 0.06);
    assert.ok(Math.abs(bar.length - 30 * probability) < 0.51);
  }
});

test('bad input is refused with exit code 2, in words, and nothing is printed on stdout', async () => {
  const classify = ['classify', '3.png', '--model', 'lenet5', '--weights', weights];
  const evaluate = ['eval', 'lenet5', '--weights', weights, '--dataset', 'glyphs'];
  writeFileSync(join(root, 'short.txt'), 'one\ntwo\n');
  const state = await createModel('lenet5', { numClasses: 7 })
    .to(await createDevice())
    .stateDict();
  writeFileSync(join(root, 'seven.safetensors'), writeSafetensors(state));
  const cases: [string[], RegExp][] = [
    [['classify', '3.png', 'truncated.png', ...classify.slice(2)], /truncated\.png: /],
    [['classify', '3.png', 'absent.png', ...classify.slice(2)], /absent\.png: there is no such file/],
    [[...classify, '--classes', 'short.txt'], /short\.txt: has 2 lines, but lenet5 has 10 classes here/],
    [[...classify, '--mean', '0.5,0.5,0.5'], /lenet5 reads images of 1 channels here, but mean has 3 entries/],
    [[...classify, '--crop', '99'], /lenet5 reads images of 28x28 to 31x31, but those of the pictures.* are 99x99/],
    [[...classify, '--mean', 'dark'], /--mean .*One number, or three separated by commas, is expected/],
    [['classify', '3.png', '--model', 'lenet5'], /no weights of lenet5 are published: give a file with --weights/],
    [['classify', '3.png', '--model', 'lenet6', '--weights', weights], /no model 'lenet6'; did you mean lenet5/],
    [['classify', '3.png', '--model', 'resnet20', '--weights', weights], /saved by a run of lenet5, not of resnet20/],
    [['classify', '3.png', '--model', 'lenet5', '--weights', '3.png'], /3\.png: at byte 0: begins with 89 50/],
    [
      ['classify', '3.png', '--model', 'lenet5', '--weights', 'seven.safetensors'],
      /normalised\? Give --mean and --std/,
    ],
    [
      ['eval', 'resnet20', '--weights', 'seven.safetensors', ...evaluate.slice(4)],
      /no linear\.weight, the head of resn/,
    ],
    [['eval', 'lenet5', '--weights', 'seven.safetensors', ...evaluate.slice(4)], /has 7 classes, but glyphs has 10/],
    [[...evaluate.slice(0, 4), '--dataset', 'cifar10'], /cifar10 needs its files: give --data/],
    [evaluate.slice(0, 4), /required option '--dataset <name>' not specified/],
    [[...evaluate, '--resize', '64'], /lenet5 reads images of 28x28 to 31x31, but those of glyphs are 64x64/],
    [
      ['train', 'alexnet', '--dataset', 'glyphs'],
      /alexnet reads images of at least 63x63, but those of glyphs are 28x28/,
    ],
  ];
  for (let i = 0; i < cases.length; i += 2) {
    const pair = cases.slice(i, i + 2);
    const ended = await Promise.all(pair.map(([args]) => wgrad(args)));
    for (const [j, [args, message]] of pair.entries()) {
      const { code, stdout, stderr } = ended[j];
      assert.match(stderr, message);
      assert.is(code, 2, args.join(' '));
      assert.is(stdout, '', args.join(' '));
      assert.not.match(stderr, /\n {4}at /, args.join(' '));
    }
  }
  assert.not(existsSync(join(root, 'runs')));
});

const data = process.env.WGRAD_DATA ?? '';
const mobilenet = ['--model', 'mobilenet_v1_025', '--weights', join(data, 'pretrained/mobilenetV1X0.25_pretrain.tar')];
const testReal = data && existsSync(mobilenet[3]) ? test : test.skip;

testReal('the Samoyed of dog.jpg and the 25 ImageNet photographs are seen as PyTorch sees them', async () => {
  const folder = join(data, 'imagenet-samples');
  const photos = readdirSync(folder).filter((name) => name.endsWith('.JPEG'));
  const paths = [join(data, 'photos/dog.jpg'), ...photos.map((name) => join(folder, name))];
  const { code, stdout, stderr } = await wgrad(['classify', ...paths, ...mobilenet, '--top', '1000', '--json']);
  assert.is(code, 0, stderr);
  const [dog, ...others] = (JSON.parse(stdout) as Output).results;
  assert.equal(
    dog.top.slice(0, 2).map(({ index, name, probability }) => [index, name, probability.toFixed(3)]),
    [
      [258, 'Samoyed', '0.774'],
      [257, 'Great Pyrenees', '0.063'],
    ],
  );
  const rows = readFileSync(join(folder, 'labels.tsv'), 'utf8').trim().split('\n').slice(1);
  assert.is(others.length, 25);
  for (const { image, top } of others) {
    const row = rows.map((line) => line.split('\t')).find(([file]) => image.endsWith(file))!;
    const [, label, , name, , , first, probability] = row;
    assert.is(String(top[0].index), first, image);
    const own = top.find(({ index }) => index === Number(label))!;
    assert.is(own.name, name);
    assert.ok(Math.abs(own.probability - Number(probability)) < 0.005, `${image}: ${own.probability}`);
  }
});

test.run();

interface Output {
  results: { image: string; top: { index: number; name: string; probability: number }[] }[];
}

function wgrad(args: string[]): Promise<Ended> {
  return runWgrad(args, { cwd: root, env: { WGRAD_DATA: '' } });
}

/** A test image as a PNG file. */
function writeGlyph(index: number): void {
  const png = new PNG({ width: 28, height: 28 });
  for (const [p, level] of testSet.images.subarray(index * 784, (index + 1) * 784).entries()) {
    png.data.set([level, level, level, 255], 4 * p);
  }
  writeFileSync(join(root, `${index}.png`), PNG.sync.write(png));
}

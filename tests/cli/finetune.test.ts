// `wgrad finetune` as a user meets it: its lines, its JSON, and weights that the other commands read back.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { finetuneCommand } from '../../cli/finetune.ts';
import { augmentedSource } from '../../cli/finetuneAugment.ts';
import { parseFinetunedConfig } from '../../cli/finetunedConfig.ts';
import { inFlags } from '../../cli/finetuneWords.ts';
import { readSafetensors } from '../../engine/serialization/index.ts';
import { FormatError, ShapeError, WgradError } from '../../kernels/errors.ts';
import { patternSet } from '../training/patternSet.ts';
import { type Ended, runWgrad } from './runWgrad.ts';

const test = suite('wgrad finetune');
const root = mkdtempSync(join(tmpdir(), 'wgrad-finetune-'));
test.before(() => makeImageFolder(join(root, 'pictures')));
test.after(() => rmSync(root, { recursive: true }));

test('a run prints frozen layers, results before and after, one line of JSON, and writes what eval reads back', async () => {
  const { code, stdout, stderr } = await finetune(['--freeze', 'until:fc1', '--epochs', '2', '--out', 'run', '--json']);
  assert.is(code, 0, stderr);
  assert.is(stdout.trimEnd().split('\n').length, 1);
  const line = JSON.parse(stdout);
  assert.equal(
    [line.model, line.dataset, line.head, line.classes, line.size, line.epochs, line.bestEpoch, line.freeze, line.out],
    ['lenet5', 'glyphs', 'fc3', 10, 28, 2, 2, 'until:fc1', 'run'],
  );
  assert.equal([line.frozenParameters, line.trainedParameters], [156 + 2416, 48120 + 10164 + 850]);
  assert.equal([line.trainImages, line.testImages, line.cached], [300, 100, 'device']);
  assert.ok(line.testAccuracyBefore < 0.4 && line.testAccuracy >= 0 && line.seconds > 0);
  assert.match(stderr, /^conv1 Conv2d\(1, 6, .*\) was frozen!$/m);
  assert.match(stderr, /^fc1 Linear\(.*\) was NOT frozen!$/m);
  assert.match(stderr, /^before: accuracy [\d.]+ %, top-5 [\d.]+ %, loss [\d.]+$/m);
  assert.match(stderr, /^epoch 2\/2 done in [\d.]+ s: test accuracy [\d.]+ %/m);
  assert.match(stderr, /at 28x28 \(the size lenet5 was made for\)/);
  const files = ['config.json', 'metrics.jsonl', 'model.safetensors', 'report.html', 'confusion.svg', 'mistakes.png'];
  assert.equal(
    files.filter((file) => !existsSync(join(root, 'run', file))),
    [],
  );
  assert.match(readFileSync(join(root, 'run', 'report.html'), 'utf8'), /was NOT frozen!/);

  const weights = join('run', 'model.safetensors');
  const again = await wgrad([
    'eval',
    'lenet5',
    '--weights',
    weights,
    '--dataset',
    'glyphs',
    '--limit',
    '100',
    '--json',
  ]);
  assert.is(again.code, 0, again.stderr);
  const { top1, loss } = JSON.parse(again.stdout);
  assert.equal([top1, loss], [line.testAccuracy, line.testLoss]);
  assert.match(again.stderr, /as in its fine-tuning on glyphs/);
});

test('a fine-tuned file starts another: its trunk stays byte by byte, its head goes', async () => {
  const from = join('run', 'model.safetensors');
  const { code, stdout, stderr } = await wgrad([
    ...['finetune', 'lenet5', '--weights', from, '--dataset', 'glyphs', '--limit', '100', '--test-limit', '50'],
    ...['--epochs', '1', '--out', 'second', '--lr-find', '--json'],
  ]);
  assert.is(code, 0, stderr);
  const [first, second] = ['run', 'second'].map(
    (run) => readSafetensors(readFileSync(join(root, run, 'model.safetensors'))).tensors,
  );
  for (const [name, { data }] of first) {
    if (name.startsWith('fc3.')) assert.not.equal(second.get(name)!.data, data, name);
    else assert.equal(second.get(name)!.data, data, name);
  }
  assert.match(stderr, /lr-find: /);
  assert.ok(readdirSync(join(root, 'second')).includes('lr-find.svg'));
  assert.ok(JSON.parse(stdout).lr > 0);
});

test('pictures in folders are learned, and classify names their classes', async () => {
  const sizes = ['--size', '16', '--batch-size', '4', '--epochs', '8', '--lr', '0.01'];
  const { code, stdout, stderr } = await wgrad([
    ...[
      'finetune',
      'resnet20',
      '--weights',
      'none',
      '--dataset',
      'imagefolder',
      '--data',
      'pictures',
      '--classes',
      '2',
    ],
    ...[...sizes, '--freeze', 'none', '--out', 'folders', '--json', '--workers', '2', '--skip-bad'],
  ]);
  assert.is(code, 0, stderr);
  const line = JSON.parse(stdout);
  assert.equal([line.classes, line.trainImages, line.testImages, line.frozenParameters], [2, 8, 4, 0]);
  assert.equal([line.testAccuracy, line.badImages], [1, 1]);
  assert.match(stderr, /left out: image-folder: sample 8: .*torn\.png: /);
  assert.match(stderr, /, prepared by 2 workers$/m);
  const picture = join('pictures', 'train', 'red', '0.png');
  const asked = await wgrad([
    'classify',
    picture,
    '--model',
    'resnet20',
    '--weights',
    join('folders', 'model.safetensors'),
    '--json',
  ]);
  if (asked.code === 0) assert.match(asked.stdout, /"red"/);
  else assert.unreachable(asked.stderr);
  const weights = join('folders', 'model.safetensors');
  const tested = await wgrad([
    ...['eval', 'resnet20', '--weights', weights, '--dataset', 'imagefolder', '--data', 'pictures', '--json'],
  ]);
  assert.is(tested.code, 0, tested.stderr);
  const { total, top1, loss } = JSON.parse(tested.stdout);
  assert.equal([total, top1, loss], [4, 1, line.testLoss]);
  mkdirSync(join(root, 'others', 'blue'), { recursive: true });
  mkdirSync(join(root, 'others', 'red'));
  for (const name of ['blue', 'red'])
    writeFileSync(join(root, 'others', name, '0.png'), readFileSync(join(root, picture)));
  const other = await wgrad([
    ...['eval', 'resnet20', '--weights', weights, '--dataset', 'imagefolder', '--data', 'others'],
  ]);
  assert.is(other.code, 2);
  assert.match(other.stderr, /was fine-tuned on the classes green, red, but the folder has blue, red/);
});

test('what cannot be is refused before anything is made, in one line that says what can', async () => {
  const refusals: [string[], RegExp][] = [
    [['--freeze', 'until:fc9'], /no module 'fc9': LeNet5 has the children .*fc3/],
    [['--freeze', 'all'], /backbone, none or until:LAYER is expected/],
    [['--classes', '7'], /glyphs has 10 classes: --classes 7 does not fit/],
    [['--lr', 'NaN'], /A number above 0 is expected/],
    [['--size', '8'], /lenet5 reads images of 28 to 31 pixels: --size 8 does not fit/],
    [
      ['--mixup', '0.2', '--cache', 'disk'],
      /^--mixup mixes images, .* cannot be kept: leave --mixup or --cache disk out$/,
    ],
    [['--augment', '--cache', 'device'], /--augment changes images in every epoch/],
    [
      ['--freeze', 'none', '--unfreeze-every', '1'],
      /^--unfreeze-every needs frozen layers to free: use it with --freeze backbone or until:LAYER$/,
    ],
    [['--label-smoothing', '2'], /^--label-smoothing must be a number of at least 0 and at most 1, given 2$/],
    [['--patience', '2', '--validation', '0'], /--patience needs images to look at/],
    [['--class-weights', '1,x'], /balanced, or numbers/],
    [
      ['--patience', '2', '--limit', '4'],
      /^--patience needs images to look at: --validation 0\.1 of 4 images is none$/,
    ],
    [['--validation', '0.9', '--limit', '1'], /^--validation 0\.9 of 1 images leaves none to train on$/],
    [['--validation', '0.95'], /^--validation must be a number of at least 0 and at most 0\.9, given 0\.95$/],
    [['--lr-decay', '2'], /^--lr-decay must be a number above 0 and at most 1, given 2$/],
    [['--class-weights', '1,2'], /^--class-weights must be 'balanced' or 10 numbers/],
    [['--class-weights', '0,0,0,0,0,0,0,0,0,0'], /^--class-weights: all are 0/],
    [['--out', join(root, 'run')], /holds a run already \(model\.safetensors\)/],
    [['--dataset', 'imagefolder', '--data', root], /expected the folders train and test \(or val\)/],
    [['--skip-bad'], /--skip-bad is for pictures in folders, not for glyphs/],
    [['--out', join(root, 'foreign', 'config.json')], /config\.json is no folder/],
    [['--out', join(root, 'foreign')], /holds something else already \(config\.json\)/],
    [['--weights', join(root, 'none.pth')], /there is no such file \(expected: weights of lenet5\)/],
  ];
  const out = join(root, 'refused');
  mkdirSync(join(root, 'foreign'));
  writeFileSync(join(root, 'foreign', 'config.json'), '{"of":"another program"}');
  for (const [flags, message] of refusals) {
    const command = finetuneCommand()
      .exitOverride()
      .configureOutput({ writeErr() {} });
    const args = ['lenet5', '--weights', 'none', '--dataset', 'glyphs', '--out', out, ...flags];
    const error = await command.parseAsync(args, { from: 'user' }).catch((thrown: Error) => thrown);
    assert.instance(error, Error, flags.join(' '));
    assert.match((error as Error).message, message);
  }
  assert.not(existsSync(out));
  const other = await wgrad([
    'finetune',
    'alexnet',
    '--weights',
    join('run', 'model.safetensors'),
    '--dataset',
    'glyphs',
  ]);
  assert.is(other.code, 2);
  assert.match(other.stderr, /was saved by a run of lenet5, not of alexnet/);
});

test('what the engine refuses in names of options is said in flags', () => {
  const said = (message: string) => (inFlags(new ShapeError(message)) as Error).message;
  assert.is(
    said('fineTune: patience needs validation images: give data.validation or validationShare'),
    '--patience needs validation images: give --validation',
  );
  assert.is(said('adam has betas: leave momentum out, given 0.5'), 'adam has betas: leave --momentum out, given 0.5');
  assert.is(said('warmup must be shorter than the run of 5 steps'), '--warmup must be shorter than the run of 5 steps');
  assert.is(said('freeze: conv1 stands behind the head'), '--freeze: conv1 stands behind the head');
  const full = new WgradError("no room; set TMPDIR, or keep none (cache: 'none')");
  assert.is((inFlags(full) as Error).message, 'no room; set TMPDIR, or keep none (--cache none)');
  for (const other of [new ShapeError('matmul: a is [2, 3]'), new FormatError('fineTune: x'), new Error('lr needs ')]) {
    assert.is(inFlags(other), other);
  }
});

test('augmented images have the size asked for, differ between epochs, and repeat with the seed', async () => {
  const set = patternSet({ count: 3 });
  const preprocessing = { mean: set.mean, std: set.std };
  const source = await augmentedSource(set, preprocessing, { size: 24, seed: 5, workers: 0 });
  assert.equal([source.isRandom, source.shape], [true, [3, 24, 24]]);
  const indices = Uint32Array.of(2, 0, 1);
  const [first, again, later] = [
    await source.batch(indices, 0),
    await source.batch(indices, 0),
    await source.batch(indices, 1),
  ];
  assert.equal(first, again);
  assert.equal([first.shape, [...first.labels]], [[3, 3, 24, 24], [2, 0, 1].map((index) => set.labels[index])]);
  assert.not.equal(first.x, later.x);
  assert.throws(
    () => augmentedSource(set, { mean: [0.5], std: [0.5] }, { size: 24, seed: 5, workers: 0 }),
    /have 3 channels, the weights want 1/,
  );
});

test('--augment changes the images to train on, not those held out or tested', async () => {
  const { code, stdout, stderr } = await finetune([
    ...[
      '--augment',
      '--workers',
      '2',
      '--validation',
      '0.2',
      '--epochs',
      '1',
      '--lr-find',
      '--out',
      'varied',
      '--json',
    ],
  ]);
  assert.is(code, 0, stderr);
  assert.match(stderr, /^train images: no features are kept: the images are augmented/m);
  assert.match(stderr, /^validation images: [\d.]+ MiB of features/m);
  assert.match(stderr, /^test images: [\d.]+ MiB of features/m);
  const line = JSON.parse(stdout);
  assert.equal([line.trainImages, line.testImages, line.cached], [300, 100, 'none']);
  assert.ok(line.validationAccuracy >= 0);
  const rows = readFileSync(join(root, 'varied', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const [epoch, steps] = [JSON.parse(rows.at(-1)!), rows.length - 1];
  assert.equal([epoch.split, steps], ['validation', Math.ceil(240 / 64)]);
});

test('a run that ended before its first epoch did leaves a folder that can be used again', async () => {
  const pictures = ['--weights', 'none', '--dataset', 'imagefolder', '--data', 'pictures', '--size', '16'];
  const run = ['finetune', 'resnet20', ...pictures, '--epochs', '1', '--out', 'again'];
  const failed = await wgrad(run);
  assert.is(failed.code, 2);
  assert.match(failed.stderr, /^wgrad: .*torn\.png: .*; --skip-bad leaves out what cannot be read$/m);
  assert.equal(readdirSync(join(root, 'again')), ['config.json']);
  const { code, stderr } = await wgrad([...run, '--skip-bad']);
  assert.is(code, 0, stderr);
});

test('a damaged config.json is named with the field that is wrong', () => {
  const good = {
    ...{
      format: 'wgrad fine-tuning',
      version: 1,
      model: 'lenet5',
      options: {},
      dataset: 'glyphs',
      classes: ['a', 'b'],
    },
    ...{ preprocessing: { mean: [0.5], std: [0.5], resize: 28 }, settings: {} },
  };
  const parse = (value: unknown) => parseFinetunedConfig('config.json', JSON.stringify(value));
  assert.equal(parse(good)!.classes, ['a', 'b']);
  assert.is(parse({ name: 'of some other program' }), undefined);
  const broken: [object, RegExp][] = [
    [{ version: 2 }, /config\.json: version must be 1, .* found 2/],
    [{ model: 3 }, /model must be a text, found 3/],
    [{ classes: [] }, /classes must be a list of texts/],
    [{ options: null }, /options must be an object/],
    [{ preprocessing: { mean: ['x'], std: [1] } }, /preprocessing\.mean must be a list of numbers/],
    [{ preprocessing: { mean: [0], std: [1], resize: 1e9 } }, /preprocessing\.resize must be a number of pixels/],
  ];
  for (const [change, message] of broken) assert.throws(() => parse({ ...good, ...change }), message);
  assert.throws(() => parseFinetunedConfig('config.json', '{'), /config\.json: expected JSON/);
});

test.run();

function wgrad(args: readonly string[]): Promise<Ended> {
  return runWgrad(args, { cwd: root });
}

/** LeNet-5 from random values on the embedded glyphs. */
function finetune(flags: readonly string[]): Promise<Ended> {
  const data = ['--weights', 'none', '--dataset', 'glyphs', '--limit', '300', '--test-limit', '100'];
  return wgrad(['finetune', 'lenet5', ...data, ...flags]);
}

function makeImageFolder(folder: string): void {
  for (const [split, count] of Object.entries({ train: 4, val: 2 })) {
    for (const [name, [r, g]] of Object.entries({ green: [30, 200], red: [200, 30] })) {
      const at = join(folder, split, name);
      mkdirSync(at, { recursive: true });
      for (let i = 0; i < count; i++) {
        const png = new PNG({ width: 20 + i, height: 18 });
        for (let p = 0; p < png.data.length; p += 4) png.data.set([r + 5 * i, g + ((p * 7) % 20), 60, 255], p);
        writeFileSync(join(at, `${i}.png`), PNG.sync.write(png));
      }
    }
  }
  writeFileSync(
    join(folder, 'train', 'red', 'torn.png'),
    readFileSync(join(folder, 'train', 'red', '0.png')).subarray(0, 60),
  );
}

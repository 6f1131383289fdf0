// A run's folder: what it holds, what it refuses.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { checkRunConfig, defaultRecipe, type RunConfig } from '../../training/index.ts';
import { checkpointFolder, holdsRun, readCheckpoint, run } from '../../training/node/index.ts';
import { MetricsLog } from '../../training/node/metricsLog.ts';
import { pickSamples } from '../../training/node/runReports.ts';

const test = suite('run');
const root = mkdtempSync(join(tmpdir(), 'wgrad-run-'));
const sets = { trainSet: glyphs({ count: 64 }), testSet: glyphs({ train: false, count: 30 }) };
const config: RunConfig = {
  ...defaultRecipe(),
  ...{ model: 'lenet5', dataset: 'glyphs', data: null, epochs: 2, batchSize: 32, limit: null, seed: 0 },
};
let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => rmSync(root, { recursive: true }));

test('a run leaves metrics, checkpoint and pictures, and no memory', async () => {
  const out = join(root, 'deep', 'run');
  const before = device.memory();
  const { files, isStopped, parameters, progress } = await run({ config, device, ...sets, out });
  assert.not(isStopped);
  assert.is(parameters, 61_706);
  assert.is(progress.step, 4);
  assert.equal(
    files.slice(0, -1).map((file) => basename(file)),
    [
      ...['metrics.jsonl', 'checkpoint', 'curves.svg', 'confusion.svg', 'samples.png', 'mistakes.png'],
      ...['classes.json', 'report.html'],
    ],
  );
  assert.match(files.at(-1)!, /tensorboard.events\.out\.tfevents\./);
  assert.ok(files.every((file) => existsSync(file)));
  const { rows } = new MetricsLog(files[0]).read();
  assert.equal(
    rows.map(({ kind, step, epoch }) => `${kind} ${step} of epoch ${epoch}`),
    [
      'step 1 of epoch 1',
      'step 2 of epoch 1',
      'epoch 2 of epoch 1',
      'step 3 of epoch 2',
      'step 4 of epoch 2',
      'epoch 4 of epoch 2',
    ],
  );
  assert.match(readFileSync(files[2], 'utf8'), /^<svg/);
  assert.match(readFileSync(files[3], 'utf8'), /^<svg/);
  assert.ok(PNG.sync.read(readFileSync(files[4])).width > 100);
  const after = device.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test('a new run is refused where there is one', async () => {
  const out = join(root, 'twice');
  await run({ config: { ...config, epochs: 1 }, device, ...sets, out });
  assert.ok(holdsRun(out));
  try {
    await run({ config, device, ...sets, out });
  } catch (error) {
    assert.instance(error, FormatError);
    assert.match((error as Error).message, /twice holds a run already/);
    return;
  }
  assert.unreachable('the second run was not refused');
});

test('an unknown model is refused before anything is written', async () => {
  const out = join(root, 'unknown');
  try {
    await run({ config: { ...config, model: 'lenet6' }, device, ...sets, out });
  } catch (error) {
    assert.instance(error, ShapeError);
    assert.match((error as Error).message, /unknown model 'lenet6'; did you mean lenet5/);
    assert.not(existsSync(out));
    return;
  }
  assert.unreachable('lenet6 was built');
});

test('a configuration that was tampered with is refused by field', () => {
  assert.equal(checkRunConfig('state.json', { ...config }), config);
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ epochs: 0 }, /^state\.json: epochs must be a positive integer, found 0$/],
    [{ batchSize: 1e300 }, /batchSize must be a positive integer/],
    [
      { dataset: 'toString' },
      /dataset must be one of mnist, fashion-mnist, emnist-byclass, .*, cifar10, cifar100, cifar100-coarse, glyphs, found "toString"/,
    ],
    [{ lr: '0.1' }, /lr must be a number, found "0.1"/],
    [{ limit: undefined }, /limit must be a positive integer or null, found nothing/],
  ];
  for (const [change, message] of wrong)
    assert.throws(() => checkRunConfig('state.json', { ...config, ...change }), message);
  assert.throws(() => checkRunConfig('state.json', null), /model must be a text, found nothing/);
});

test('samples are the first right answers, then the mistakes the model was surest of', () => {
  const labels = Uint8Array.from([0, 1, 2, 3, 4, 5]);
  const testSet = { ...glyphs({ train: false, count: 6 }), labels };
  const predictions = Uint32Array.from([0, 7, 2, 7, 7, 5]);
  const probabilities = Float32Array.from([0.9, 0.3, 0.8, 0.6, 0.5, 0.7]);
  const picked = pickSamples(testSet, { predictions, probabilities }, { count: 4, mistakes: 2 });
  assert.equal(
    picked.map(({ label, prediction, isRight }) => [label, prediction, isRight]),
    [
      ['0', '0', true],
      ['2', '2', true],
      ['3', '7', false],
      ['4', '7', false],
    ],
  );
  assert.equal(picked[1].image, testSet.images.subarray(2 * 784, 3 * 784));
});

test('a run whose device is lost goes on: its metrics and its checkpoint are those of a run that never lost it', async () => {
  const calm = join(root, 'calm');
  const troubled = join(root, 'troubled');
  const short = { ...config, batchSize: 16, epochs: 2 };
  await run({ config: short, device, ...sets, out: calm });
  let lost = await createDevice();
  let losses = 0;
  await run({
    ...{ config: short, device: lost, ...sets, out: troubled, snapshotEvery: 2, checkpointEvery: 3 },
    reopen: () => createDevice(),
    onRecover: ({ device: another }) => {
      losses++;
      lost = another;
    },
    onStep: ({ progress: { step } }) => {
      if (step === 3 && losses === 0) lost.destroy();
      if (step === 7 && losses === 1) lost.destroy();
    },
  });
  lost.destroy();
  assert.is(losses, 2);
  const rows = (out: string) =>
    new MetricsLog(join(out, 'metrics.jsonl'))
      .read()
      .rows.map(({ seconds, ...row }) => ({ ...row, imagesPerSecond: undefined }));
  assert.equal(rows(troubled), rows(calm));
  const saved = (out: string) => {
    const { model, optimizerTensors, random } = readCheckpoint(checkpointFolder(out));
    return { model, optimizerTensors, random };
  };
  assert.equal(saved(troubled), saved(calm));
});

test.run();

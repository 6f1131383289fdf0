// One seed repeats a run bit for bit, in one part or in several.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { defaultRecipe, type RunConfig } from '../../training/index.ts';
import { checkpointFolder, readCheckpoint, run } from '../../training/node/index.ts';
import { MetricsLog } from '../../training/node/metricsLog.ts';

const test = suite('resume');
const root = mkdtempSync(join(tmpdir(), 'wgrad-resume-'));
test.after(() => rmSync(root, { recursive: true }));
const trainSet = glyphs({ count: 395 });
const testSet = glyphs({ train: false, count: 50 });
/** 25 steps an epoch, the last one of 11 images. */
const base = {
  model: 'lenet5',
  dataset: 'glyphs',
  data: null,
  epochs: 2,
  batchSize: 16,
  limit: null,
  seed: 5,
} as const;

const recipes: Record<string, Partial<RunConfig>> = {
  'SGD with momentum and onecycle': {},
  'Adam with warm-up and cosine': { ...defaultRecipe('adam'), scheduler: 'cosine', warmup: 3 },
  'float16, whose scale is part of the checkpoint': { precision: 'float16' },
  'RMSprop with plateau': { ...defaultRecipe('rmsprop'), scheduler: 'plateau', momentum: 0.5 },
};

for (const [name, recipe] of Object.entries(recipes)) {
  const config: RunConfig = { ...base, ...defaultRecipe(), ...recipe };

  test(`${name}: a run stopped within an epoch continues on another device to the bytes of an uninterrupted one`, async () => {
    const whole = await runOnce(config, join(root, `${name} whole`));
    const parts = join(root, `${name} parts`);
    for (const [stopAt, epoch] of [
      [1, 0],
      [26, 1],
    ]) {
      const { isStopped, progress } = await runOnce(config, parts, { stopAt, isResumed: epoch > 0 });
      assert.ok(isStopped);
      assert.is(progress.epoch, epoch);
      assert.ok(progress.batch > 0, `stopped within epoch ${epoch}`);
    }
    const resumed = await runOnce(config, parts, { isResumed: true });
    assert.not(resumed.isStopped);
    assert.equal(differing(parts, join(root, `${name} whole`)), []);
    assert.equal(resumed.test!.predictions, whole.test!.predictions);
    assert.equal(lossesOf(parts), lossesOf(join(root, `${name} whole`)));
  });
}

test('two runs with one seed give the same bytes, another seed gives others', async () => {
  const config: RunConfig = { ...base, ...defaultRecipe(), epochs: 1 };
  const folders = ['first', 'second', 'other'].map((name) => join(root, name));
  for (const [i, folder] of folders.entries()) await runOnce({ ...config, seed: i === 2 ? 6 : 5 }, folder);
  assert.equal(differing(folders[0], folders[1]), []);
  assert.equal(differing(folders[0], folders[2]), ['model.safetensors', 'optimizer.safetensors']);
});

test.run();

async function runOnce(config: RunConfig, out: string, { stopAt = Infinity, isResumed = false } = {}) {
  const device = await createDevice();
  const stop = new AbortController();
  try {
    return await run({
      ...{ config, device, trainSet, testSet, out, signal: stop.signal },
      checkpoint: isResumed ? readCheckpoint(checkpointFolder(out)) : undefined,
      onStep: ({ progress }) => {
        if (progress.step >= stopAt) stop.abort();
      },
    });
  } finally {
    device.destroy();
  }
}

/** Files of two checkpoints that hold other bytes. */
function differing(a: string, b: string): string[] {
  const files = ['model.safetensors', 'optimizer.safetensors'];
  return files.filter((file) => {
    const [left, right] = [a, b].map((out) => readFileSync(join(checkpointFolder(out), file)));
    return !left.equals(right);
  });
}

/** Every row once, in order, with the same losses: times aside, the metrics of a run. */
function lossesOf(out: string) {
  const { rows } = new MetricsLog(join(out, 'metrics.jsonl')).read();
  return rows.map((row) =>
    row.kind === 'step'
      ? [row.step, row.epoch, row.loss, row.lr]
      : [row.step, row.trainLoss, row.trainAccuracy, row.testLoss],
  );
}

// Fine-tuning as a library function: kept features change nothing, frozen values stay, the best epoch comes back.
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { type ModelOptions, modelEntry } from '../../models/index.ts';
import {
  type BatchSource,
  datasetSource,
  type FineTuneCallbacks,
  type FineTuneData,
  type FineTuneOptions,
  fineTune as fineTuneWithoutDisk,
  freezeLayers,
  lrFindSvg,
  replaceHead,
} from '../../training/index.ts';
import { fineTune, lrFind, transformedSource } from '../../training/node/index.ts';
import { patternSet } from './patternSet.ts';

const test = suite('fine-tuning');
const train = patternSet({ count: 43 });
const testSet = patternSet({ count: 19, seed: 1 });
let device: Device;
test.before(async () => {
  device = await createDevice();
});

interface Case {
  name: string;
  options?: ModelOptions;
  data?: FineTuneData;
}

const large = (count: number, size: number) => ({
  train: patternSet({ count, size }),
  test: patternSet({ count: 9, size, seed: 1 }),
});
/** Batch norm and shortcuts, dropout before the head, dropout inside the frozen part; each with a smaller last batch. */
const cases: Case[] = [
  { name: 'resnet20' },
  { name: 'squeezenet1_1', data: large(21, 24) },
  { name: 'alexnet', data: large(11, 63) },
];

for (const { name, data } of cases) {
  test(`${name}: features kept on the device or on the disk give the bytes that none give`, async () => {
    const runs: string[] = [];
    for (const cache of ['none', 'device', 'disk'] as const) {
      const { model, result, bytes } = await tune(name, { cache, epochs: 2, batchSize: 8 }, data);
      assert.is(result.cache.kind, cache);
      const { before, test: after, epochs } = result;
      runs.push(JSON.stringify([bytes, before.loss, after!.loss, epochs.map(({ trainLoss }) => trainLoss)]));
      model.dispose();
    }
    assert.is(runs[1], runs[0], 'device');
    assert.is(runs[2], runs[0], 'disk');
  });
}

test('frozen values, statistics and counters stay byte by byte, the others do not', async () => {
  const options = { freeze: 'until:layer3.1', weightDecay: 0.1, optimizer: 'sgd', lr: 0.05, epochs: 2 } as const;
  const model = warmResnet();
  const before = await model.stateDict();
  const { result } = await tune(model, options);
  const after = await model.stateDict();
  const isFrozen = (key: string) => /^(conv1|bn1|layer[12]|layer3\.0)\./.test(key);
  for (const [key, { data }] of before) {
    if (isFrozen(key)) assert.equal(after.get(key)!.data, data, key);
    else if (!key.startsWith('linear')) assert.not.equal(after.get(key)!.data, data, key);
  }
  const sizes = model.namedParameters().map(([key, { size }]) => [isFrozen(key), size] as const);
  const frozen = sizes.reduce((sum, [is, size]) => sum + (is ? size : 0), 0);
  assert.equal(
    [result.frozenParameters, result.trainedParameters],
    [frozen, sizes.reduce((sum, [, size]) => sum + size, 0) - frozen],
  );
  model.dispose();
});

test('frozen batch norms move their statistics when asked to, and nothing is kept then', async () => {
  const model = warmResnet();
  const before = (await model.stateDict()).get('bn1.running_mean')!.data;
  const { result } = await tune(model, { frozenBatchNorm: 'train', epochs: 1 });
  assert.not.equal((await model.stateDict()).get('bn1.running_mean')!.data, before);
  assert.is(result.cache.kind, 'none');
  assert.match(result.cache.reason!, /^only \d+ % of the work lies before bn1/);
  model.dispose();
});

test('a head learns what the frozen part can tell, and tests report the five most probable classes', async () => {
  const { model, result } = await tune('resnet20', { epochs: 12, batchSize: 8, lr: 0.02 });
  const { before, test: after } = result;
  assert.ok(after!.accuracy >= 0.7 && after!.accuracy > before.accuracy, `${before.accuracy} to ${after!.accuracy}`);
  assert.is(after!.topCount, 4);
  for (let i = 0; i < after!.total; i++) {
    const [classes, probabilities] = [after!.topClasses, after!.topProbabilities].map((values) => [
      ...values.subarray(4 * i, 4 * i + 4),
    ]);
    assert.is(classes[0], after!.predictions[i]);
    assert.equal([...classes].sort(), [0, 1, 2, 3]);
    assert.ok(Math.abs(probabilities.reduce((sum, each) => sum + each) - 1) < 1e-5);
    assert.equal(
      [...probabilities].sort((a, b) => b - a),
      probabilities,
    );
  }
  model.dispose();
});

test('groups are freed one after the other, from the head down, with rates of their own', async () => {
  const reports: [number, string[]][] = [];
  const model = modelEntry('lenet5').create({ inChannels: 3 });
  const before = new Map<string, unknown>();
  model.to(device);
  for (const [key, { data }] of await model.stateDict()) before.set(key, data);
  const { result } = await tune(
    model,
    {
      ...{ epochs: 3, unfreezeEvery: 1, lrDecay: 0.5, optimizer: 'sgd', lr: 0.05, momentum: 0 },
      onFreeze: (lines, { trained }) => reports.push([trained, lines]),
    },
    large28(),
  );
  assert.equal(
    reports.map(([trained]) => trained),
    [340, 340 + 10164, 340 + 10164 + 48120],
  );
  assert.match(reports[1][1].find((line) => line.startsWith('fc2 '))!, /NOT frozen/);
  const after = await model.stateDict();
  for (const layer of ['conv1', 'conv2'])
    assert.equal(after.get(`${layer}.weight`)!.data, before.get(`${layer}.weight`));
  for (const layer of ['fc1', 'fc2'])
    assert.not.equal(after.get(`${layer}.weight`)!.data, before.get(`${layer}.weight`));
  assert.is(result.trainedParameters, 340 + 10164 + 48120);
  model.dispose();
});

test('validation chooses the epoch whose values stay, and patience ends', async () => {
  const saved: [number, Float32Array][] = [];
  const model = modelEntry('resnet20').create({ numClasses: 4 });
  const { result } = await tune(model, {
    ...{
      epochs: 30,
      batchSize: 8,
      validationShare: 0.3,
      patience: 3,
      metric: 'loss',
      optimizer: 'sgd',
      lr: 2,
      scheduler: 'none',
    },
    onBest: async ({ epoch }) => void saved.push([epoch, await headValues(model)]),
  });
  const losses = result.epochs.map(({ evaluation }) => evaluation.loss);
  assert.ok(result.epochs.every(({ split, evaluation }) => split === 'validation' && evaluation.total === 13));
  const best = losses.indexOf(Math.min(...losses)) + 1;
  assert.is(result.bestEpoch, best);
  assert.is(result.isEarly, true, `${losses}`);
  assert.is(result.epochs.length, best + 3);
  assert.equal(saved.at(-1), [best, await headValues(model)]);
  assert.equal(
    result.epochs.filter(({ isBest }) => isBest).map(({ epoch }) => epoch),
    saved.map(([epoch]) => epoch),
  );
  assert.is(result.test!.total, testSet.count);
  model.dispose();
});

test('mixup, class weights, smoothing and clipping each change what is learned, and mixup keeps no training features', async () => {
  const hashes = new Set<string>();
  const extras: Partial<FineTuneOptions>[] = [
    {},
    { mixup: 0.4 },
    { classWeights: 'balanced' },
    { classWeights: [1, 2, 3, 4] },
    { labelSmoothing: 0.2 },
    { clipNorm: 1e-3, optimizer: 'sgd', lr: 0.1 },
    { optimizer: 'sgd', lr: 0.1 },
  ];
  for (const extra of extras) {
    const { model, result, bytes } = await tune('resnet20', { epochs: 1, ...extra });
    hashes.add(bytes);
    assert.is(result.cache.kind, extra.mixup ? 'none' : 'device');
    if (extra.mixup) assert.match(result.cache.reason!, /mixup mixes images/);
    model.dispose();
  }
  assert.is(hashes.size, extras.length);
});

test('a run stops at a signal, and says of which epoch its values are', async () => {
  const controller = new AbortController();
  const { model, result } = await tune('resnet20', {
    epochs: 5,
    signal: controller.signal,
    onStep: ({ progress }) => progress.step >= 8 && controller.abort(),
  });
  assert.equal([result.isStopped, result.bestEpoch, result.test], [true, result.epochs.length, undefined]);
  assert.ok(result.epochs.length >= 1 && result.epochs.length < 5);
  model.dispose();
  const at = AbortSignal.abort();
  const early = await tune('resnet20', { signal: at });
  assert.equal([early.result.isStopped, early.result.epochs.length], [true, 0]);
  early.model.dispose();
});

test('all memory comes back, and no file stays behind', async () => {
  const files = () => readdirSync(tmpdir()).filter((name) => name.startsWith('wgrad-features-'));
  const [before, filesBefore] = [device.memory(), files()];
  for (const cache of ['device', 'disk'] as const) (await tune('resnet20', { cache, epochs: 1 })).model.dispose();
  const after = device.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
  assert.equal(files(), filesBefore);
});

test('augmented images are never kept, and test images still are', async () => {
  const { shape } = train;
  const call = ((_, random) => ({
    data: Float32Array.from({ length: 768 }, () => random.uniform()),
    shape,
  })) as Parameters<typeof transformedSource>[1]['call'];
  const source = await transformedSource(train, { call });
  assert.is(source.isRandom, true);
  const kinds: Record<string, string> = {};
  const onCached: FineTuneCallbacks['onCached'] = (caches) => {
    for (const [split, { kind }] of Object.entries(caches)) kinds[split] = kind;
  };
  const { model } = await tune('resnet20', { epochs: 1, onCached }, { train: source, test: testSet });
  assert.equal(kinds, { test: 'device', train: 'none' });
  model.dispose();
  const still = await transformedSource(train, { call: () => ({ data: new Float32Array(768), shape }) });
  assert.is(still.isRandom, false);
});

test('without a disk, as in browsers, features that are too many are not kept, and asking for one is refused', async () => {
  const model = modelEntry('resnet20').create();
  const options = { device, head: 'linear', numClasses: 4, epochs: 1, batchSize: 8 };
  const { cache } = await fineTuneWithoutDisk(model, { train, test: testSet }, { ...options, cacheBytes: 100 });
  assert.is(cache.kind, 'none');
  assert.match(cache.reason!, /need \d+ bytes, of which 100 may lie on the device, and no disk was given/);
  const error = await fineTuneWithoutDisk(model, { train, test: testSet }, { ...options, cache: 'disk' }).catch(
    (thrown) => thrown,
  );
  assert.ok(error instanceof ShapeError, String(error));
  assert.match(error.message, /cache 'disk' needs a disk: import fineTune from 'wgrad\/training\/node'/);
  model.dispose();
});

test('what cannot be is refused by its name', async () => {
  const { tensors } = device.memory();
  const model = modelEntry('resnet20').create();
  const refused = async (
    options: Partial<FineTuneOptions>,
    message: RegExp,
    data: FineTuneData = { train, test: testSet },
  ) => {
    const error = await fineTune(model, data, { device, head: 'linear', numClasses: 4, ...options }).catch(
      (thrown) => thrown,
    );
    assert.ok(error instanceof ShapeError, String(error));
    assert.match(error.message, message);
  };
  await refused({ lr: Number.NaN }, /lr must be a number above 0, given NaN/);
  await refused({ lr: 0 }, /lr must be a number above 0/);
  await refused({ epochs: 0 }, /epochs must be an integer of at least 1, given 0/);
  await refused({ batchSize: 1.5 }, /batchSize must be an integer/);
  await refused({ lrDecay: 2 }, /lrDecay must be a number above 0 and at most 1/);
  await refused({ labelSmoothing: -1 }, /labelSmoothing must be/);
  await refused({ optimizer: 'lion' as 'adam' }, /optimizer must be one of sgd, adam/);
  await refused({ freeze: 'until:layer7' }, /no module 'layer7'/);
  await refused({ head: 'fc' }, /no module 'fc'/);
  await refused({ freeze: 'none', unfreezeEvery: 1 }, /unfreezeEvery needs frozen layers/);
  await refused({ patience: 2 }, /patience needs validation images/);
  await refused({ mixup: 0.2, cache: 'device' }, /features of mixed images cannot be kept/);
  await refused({ classWeights: [1, 2] }, /'balanced' or 4 numbers/);
  await refused({ classWeights: [0, 0, 0, 0] }, /nothing would be learned/);
  await refused({ rates: { stem: 1 } }, /no group of layers begins with 'stem'/);
  await refused({ numClasses: 10 }, /patterns has 4 classes, but numClasses is 10/);
  await refused({ numClasses: undefined }, /the head linear has 10: give numClasses 4/);
  const wider = patternSet({ count: 5, size: 20 });
  await refused({}, /images of patterns are \[3, 20, 20\], those to train on \[3, 16, 16\]/, { train, test: wider });
  const random: BatchSource = { ...datasetSource(train), isRandom: true };
  await refused({ cache: 'disk' }, /is augmented/, { train: random, test: testSet });
  model.dispose();
  assert.is(device.memory().tensors, tensors);
});

test('lrFind sweeps the rates, suggests one where the loss falls, and puts everything back', async () => {
  const model = modelEntry('resnet20').create().to(device);
  replaceHead(model, modelEntry('resnet20'), 4);
  freezeLayers(model, 'backbone', 'linear');
  device.manualSeed(7);
  const before = await model.stateDict();
  const points = await lrFind(
    model,
    { train },
    { device, head: 'linear', freeze: 'none', optimizer: 'sgd', batchSize: 8, steps: 60, startLr: 1e-6, endLr: 1e4 },
  );
  assert.equal(await model.stateDict(), before);
  assert.equal([device.random.seed, device.random.counter], [7, 0]);
  assert.equal(model.parameters().filter(({ requiresGrad }) => requiresGrad).length, 2);
  assert.ok(model.modules().every(({ training }) => training));
  assert.is(points.isDiverged, true);
  const { suggestion, points: list } = points;
  assert.ok(suggestion !== null && suggestion > list[0].lr && suggestion < list.at(-1)!.lr, `${suggestion}`);
  assert.ok(list.every(({ lr }, i) => i === 0 || lr > list[i - 1].lr));
  assert.match(await lrFindSvg(points), /^<svg.*learning rate \(log scale\)/s);
  const error = await lrFind(model, { train }, { device, head: 'linear', startLr: 1, endLr: 0.1 }).catch(
    (thrown) => thrown,
  );
  assert.match(error.message, /needs 0 < startLr < endLr/);
  model.dispose();
});

test('lrFind keeps features where images come more than once, and sees the same losses', async () => {
  const model = modelEntry('resnet20').create().to(device);
  replaceHead(model, modelEntry('resnet20'), 4);
  const sweep = async (cache: 'auto' | 'none', batchSize: number) => {
    let computed = 0;
    const onCache = (images: number) => {
      computed = images;
    };
    const { points } = await lrFind(
      model,
      { train },
      { device, head: 'linear', cache, batchSize, steps: 6, endLr: 1, onCache },
    );
    return { points, computed };
  };
  const [kept, fresh] = [await sweep('auto', 16), await sweep('none', 16)];
  assert.equal([kept.computed, fresh.computed], [train.count, 0]);
  assert.equal(kept.points, fresh.points);
  assert.is((await sweep('auto', 2)).computed, 0);
  model.dispose();
});

test.run();

/** Runs `fineTune` on the small patterns; `bytes` are those of all values the model then has. */
async function tune(
  which: string | AnyModule,
  options: Partial<FineTuneOptions> & FineTuneCallbacks,
  data: FineTuneData = { train, test: testSet },
) {
  const model = typeof which === 'string' ? modelEntry(which).create() : which;
  const head = typeof which === 'string' ? modelEntry(which).head : model.namedModules().at(-1)![0];
  const result = await fineTune(model, data, { device, head, numClasses: 4, batchSize: 8, seed: 3, ...options });
  return { model, result, bytes: Buffer.from((await headValues(model)).buffer).toString('base64') };
}

async function headValues(model: AnyModule): Promise<Float32Array> {
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  const values = await Promise.all(trained.map((parameter) => parameter.data()));
  return Float32Array.from(values.flatMap((each) => [...each]));
}

/** With running statistics that are none of the initial ones. */
function warmResnet(): AnyModule {
  const model = modelEntry('resnet20').create().to(device, { seed: 9 });
  using _ = device.scope();
  const x = device.tensor(
    Float32Array.from({ length: 4 * 768 }, (_, i) => Math.sin(i)),
    [4, 3, 16, 16],
  );
  for (let i = 0; i < 3; i++) device.noGrad(() => model.call(x));
  return model;
}

/** LeNet-5 reads images of 28 pixels. */
function large28(): { train: Dataset; test: Dataset } {
  return { train: patternSet({ count: 24, size: 28 }), test: patternSet({ count: 9, size: 28, seed: 1 }) };
}

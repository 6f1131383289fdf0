// Numbers gone wrong in a run: it stops and names the maker, or leaves the step out, by choice.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataLoader, type Dataset, glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { GradScaler, SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { AnomalyError, NonFiniteError, ShapeError } from '../../kernels/errors.ts';
import { fineTune, type StepReport, type TrainOptions, train } from '../../training/index.ts';

const test = suite('non-finite numbers');
const SEED = 5;
const BATCH = 20;
/** Of 60 images, in 3 steps an epoch. */
const BAD_IMAGE = 31;
const clean = capped(glyphs({ count: 60 }));
const poisoned = withBadImage(clean, BAD_IMAGE);
const testSet = capped(glyphs({ train: false, count: 20 }));

let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => device.destroy());
test.after.each(() => assert.is(device.memory().tensors, 0));

/** Byte 255 becomes 1, which `Odds` makes infinite; no other image has it. */
function capped(dataset: Dataset): Dataset {
  return { ...dataset, images: dataset.images.map((byte) => Math.min(byte, 254)), mean: [0], std: [1] };
}

function withBadImage(dataset: Dataset, index: number): Dataset {
  const images = Uint8Array.from(dataset.images);
  images[index * 28 * 28 + 400] = 255;
  return { ...dataset, images };
}

class Odds extends Module {
  protected override forward(x: Tensor): Tensor {
    return x.div(x.mul(-1).add(1)).mul(0.1);
  }
}

function smallNet(): Sequential {
  return new Sequential(
    new Odds(),
    new Conv2d(1, 4, 5),
    new BatchNorm2d(4),
    new ReLU(),
    new MaxPool2d(4),
    new Flatten(),
    new Linear(4 * 6 * 6, 10),
  );
}

type Given = Partial<TrainOptions> & { lr?: number };

interface Ended {
  weights: StateDict;
  steps: StepReport[];
  skipped: number;
  error: Error | undefined;
}

async function trained({ lr = 0.05, ...given }: Given): Promise<Ended> {
  const model = smallNet().to(device, { seed: 3 });
  const optimizer = new SGD(model.parameters(), { lr, momentum: 0.9 });
  const steps: StepReport[] = [];
  let [skipped, error]: [number, Error | undefined] = [0, undefined];
  try {
    const result = await train({
      ...{ model, device, optimizer, trainSet: poisoned, testSet, epochs: 2, batchSize: BATCH, seed: SEED },
      onStep: (step) => steps.push(step),
      ...given,
    });
    skipped = result.skipped;
  } catch (thrown) {
    error = thrown as Error;
  }
  const weights = await model.stateDict();
  optimizer.dispose();
  model.dispose();
  return { weights, steps, skipped, error };
}

/** In the first epoch, counted from 1. */
async function badStep(): Promise<number> {
  let step = 0;
  for await (const { indices } of loader(0)) {
    step++;
    if (indices.includes(BAD_IMAGE)) return step;
  }
  throw new Error('no batch holds the image');
}

function loader(epoch: number): DataLoader {
  const batches = new DataLoader(poisoned, { batchSize: BATCH, shuffle: true, seed: SEED });
  batches.epoch = epoch;
  return batches;
}

function areFinite(weights: StateDict): boolean {
  return [...weights.values()].every(({ data }) => data.every((value) => Number.isFinite(Number(value))));
}

test('stop: the run ends with the step and, after a repeat from the snapshot, with the operation and its layer', async () => {
  const { error } = await trained({ snapshotEvery: 100 });
  assert.instance(error, NonFiniteError);
  const { step, cause } = error as NonFiniteError;
  assert.is(step, await badStep());
  assert.instance(cause, AnomalyError);
  const { operation, phase, layerType, value } = (cause as AnomalyError).details!;
  assert.equal([operation, phase, layerType, value], ['div', 'forward', 'Odds', Number.POSITIVE_INFINITY]);
  assert.match(error!.message, /In step \d: .*Odds/);
});

test('stop is the default, and without snapshots it names the step alone', async () => {
  const { error, steps } = await trained({});
  assert.instance(error, NonFiniteError);
  assert.is((error as NonFiniteError).step, await badStep());
  assert.is(error!.cause, undefined);
  assert.is(steps.length, (await badStep()) - 1, 'the steps before it were reported');
});

test('stop: values that an update broke are not saved', async () => {
  const saved: number[] = [];
  const save = async ({ step }: { step: number }) => void saved.push(step);
  const { error } = await trained({ trainSet: clean, lr: 1e39, saveEvery: 1, save, snapshotEvery: 1 });
  assert.instance(error, NonFiniteError);
  assert.equal(saved, []);
  assert.match(error!.message, /after step 1 .*(weight|bias|running_mean|running_var) holds/);
  assert.is((error!.cause as AnomalyError).details!.phase, 'update');
});

for (const capture of [true, false]) {
  test(`skip (${capture ? 'captured' : 'eager'}): the step changes nothing, running statistics included`, async () => {
    const ended = await trained({ nonFinite: 'skip', capture });
    assert.is(ended.error, undefined);
    assert.is(ended.skipped, 2);
    assert.equal(
      ended.steps.filter(({ isSkipped }) => isSkipped).map(({ loss }) => Number.isFinite(loss)),
      [false, false],
    );
    const sums = ended.steps.at(-1)!.progress;
    assert.ok(Number.isFinite(sums.current.loss));
    assert.is(sums.current.images, 60 - BATCH, 'those of the step left out do not count');
    assert.is(sums.images, 120);
    const expected = await withoutBadSteps();
    for (const [name, { data }] of expected) assert.equal(ended.weights.get(name)!.data, data, name);
  });
}

/** The same run by hand, where batches with the bad image are passed over. */
async function withoutBadSteps(): Promise<StateDict> {
  const model = smallNet().to(device, { seed: 3 });
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  model.train();
  for (const epoch of [0, 1]) {
    for await (const { x, shape, labels, indices } of loader(epoch)) {
      if (indices.includes(BAD_IMAGE)) continue;
      using _ = device.scope();
      optimizer.zeroGrad();
      crossEntropy(model.call(device.tensor(x, shape)), device.tensor(labels)).backward();
      optimizer.step();
    }
  }
  const weights = await model.stateDict();
  optimizer.dispose();
  model.dispose();
  return weights;
}

test('skip gives up when nothing is learned any more', async () => {
  const images = clean.images.map((byte, i) => (i % 784 === 400 ? 255 : byte));
  const trainSet = { ...clean, images };
  const { error, steps } = await trained({ trainSet, nonFinite: 'skip', batchSize: 1, epochs: 3 });
  assert.instance(error, NonFiniteError);
  assert.is((error as NonFiniteError).step, 100);
  assert.match(error!.message, /100 steps in a row/);
  assert.ok(steps.every(({ isSkipped }) => isSkipped));
});

test('ignore goes on with NaN', async () => {
  const { error, weights, steps } = await trained({ nonFinite: 'ignore' });
  assert.is(error, undefined);
  assert.is(steps.length, 6);
  assert.not(areFinite(weights));
});

test('an overflow under loss scaling leaves the step out, running statistics included, and is no reason to stop', async () => {
  const scaler = new GradScaler({ initScale: 2 ** 120, backoffFactor: 2 ** -110 });
  const model = smallNet();
  const { steps, error, skipped, weights } = await trained({ trainSet: clean, scaler });
  scaler.dispose();
  model.dispose();
  assert.is(error, undefined);
  assert.equal(
    steps.map(({ isSkipped }) => isSkipped),
    [true, false, false, false, false, false],
  );
  assert.is(skipped, 1);
  assert.equal([...weights.get('2.num_batches_tracked')!.data].map(Number), [5]);
  assert.ok(areFinite(weights));
});

test('fineTune stops too', async () => {
  const model = smallNet().to(device, { seed: 3 });
  const tuning = fineTune(model, { train: poisoned, test: testSet }, { device, epochs: 1, batchSize: BATCH });
  await assertRejects(tuning, NonFiniteError);
  model.dispose();
});

test('an unknown policy is refused', async () => {
  const { error } = await trained({ nonFinite: 'halt' as 'stop' });
  assert.instance(error, ShapeError);
  assert.match(error!.message, /nonFinite must be one of stop, skip, ignore, given halt/);
});

async function assertRejects(promise: Promise<unknown>, type: new (...args: never[]) => Error): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, type);
    return;
  }
  assert.unreachable(`expected ${type.name}`);
}

test.run();

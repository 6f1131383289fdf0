// Ranks that train together do what one does with their batches in one: in a process, each on a device of its own.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Dataset, glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import { BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { GradScaler, SGD, StepLR } from '../../engine/optim/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { Communicator, DataParallel, type DataParallelOptions, RankError } from '../../training/distributed/index.ts';
import { type StepReport, type TrainOptions, type TrainResult, train } from '../../training/index.ts';
import { inProcessRanks } from './inProcess.ts';

const test = suite('data-parallel training');
/** Batches of 24 leave 9, which 2 ranks share as 5 and 4. */
const trainSet = glyphs({ count: 105 });
const testSet = glyphs({ train: false, count: 31 });
const SIZE = 3;

const devices: Device[] = [];
test.before(async () => {
  for (let rank = 0; rank < SIZE; rank++) devices.push(await createDevice());
});
test.after(() => {
  for (const device of devices) device.destroy();
});
test.after.each(() => {
  for (const device of devices) assert.is(device.memory().tensors, 0);
});

interface Ended {
  weights: StateDict;
  steps: StepReport[];
  result: TrainResult;
  parallel?: DataParallel;
}

type Given = Partial<TrainOptions> & { hasNorm?: boolean; modelSeed?: number };

async function trained(device: Device, { hasNorm = false, modelSeed = 3, ...given }: Given): Promise<Ended> {
  const model = new Sequential(
    new Conv2d(1, 8, 5),
    ...(hasNorm ? [new BatchNorm2d(8), new Dropout(0.2)] : []),
    new ReLU(),
    new MaxPool2d(4),
    new Flatten(),
    new Linear(8 * 6 * 6, 10),
  ).to(device, { seed: modelSeed });
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const scheduler = new StepLR(optimizer, { stepSize: 4, gamma: 0.5 });
  const steps: StepReport[] = [];
  try {
    const result = await train({
      ...{ model, device, optimizer, scheduler, trainSet, testSet, epochs: 2, seed: 5 },
      onStep: (step) => steps.push(step),
      ...given,
    });
    return { weights: await model.stateDict(), steps, result };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

/** Each rank's outcome, or its error. */
async function inRanks(
  size: number,
  given: (rank: number) => Given,
  { options = {}, timeout = 20 }: { options?: DataParallelOptions; timeout?: number } = {},
): Promise<PromiseSettledResult<Ended>[]> {
  const transports = inProcessRanks(size);
  const all = transports.map(async (transport, rank) => {
    const communicator = new Communicator(transport, { timeout });
    const parallel = new DataParallel(communicator, options);
    try {
      const ended = await trained(devices[rank]!, { ...given(rank), distributed: parallel });
      await communicator.leave();
      assert.is(transport.memory.size, 0, 'all memory was given back');
      return { ...ended, parallel };
    } catch (error) {
      communicator.fail((error as Error).message);
      throw error;
    }
  });
  return Promise.allSettled(all);
}

function values(outcomes: PromiseSettledResult<Ended>[]): Ended[] {
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

function errors(outcomes: PromiseSettledResult<Ended>[]): Error[] {
  return outcomes.map((outcome) => {
    assert.is(outcome.status, 'rejected');
    return (outcome as PromiseRejectedResult).reason;
  });
}

function assertSame(one: Ended, alone: Ended): void {
  assert.is(one.steps.length, alone.steps.length);
  for (const [i, { loss, lr, progress }] of one.steps.entries()) {
    const expected = alone.steps[i]!;
    assert.ok(Math.abs(loss / expected.loss - 1) < 1e-5, `step ${i}: ${loss} and ${expected.loss}`);
    assert.is(lr, expected.lr);
    assert.is(progress.images, expected.progress.images);
    assert.is(progress.current.right, expected.progress.current.right);
  }
  for (const [name, { data }] of alone.weights) {
    const found = one.weights.get(name)!.data as Float32Array;
    for (const [i, value] of (data as Float32Array).entries()) {
      assert.ok(Math.abs(found[i]! - value) < 1e-5, `${name}[${i}]: ${found[i]} and ${value}`);
    }
  }
}

function assertEqualBytes(one: Ended, other: Ended): void {
  for (const [name, { data }] of one.weights) assert.equal(other.weights.get(name)!.data, data, name);
}

for (const size of [2, 3]) {
  test(`${size} ranks give the losses, counts, tests and weights of one with the summed batch`, async () => {
    const alone = await trained(devices[0]!, { batchSize: 24 });
    const ended = values(await inRanks(size, () => ({ batchSize: 24 / size })));
    for (const one of ended) {
      assertSame(one, alone);
      const { loss, ...test } = one.result.test!;
      assert.ok(Math.abs(loss / alone.result.test!.loss - 1) < 1e-5);
      assert.is(test.top1, alone.result.test!.top1);
      assert.equal(test.predictions, alone.result.test!.predictions);
      assertEqualBytes(one, ended[0]!);
    }
  });
}

test('a last batch of one sample: ranks without any take the step with the others', async () => {
  const alone = await trained(devices[0]!, { batchSize: 24, limit: 73 });
  for (const one of values(await inRanks(3, () => ({ batchSize: 8, limit: 73 })))) assertSame(one, alone);
});

test('steps in several buckets, captured and eager, and in parts of a batch', async () => {
  const alone = await trained(devices[0]!, { batchSize: 24 });
  const options = { bucketBytes: 2000 }; // bias, weight, and both of the first layer
  const captured = values(await inRanks(2, () => ({ batchSize: 12 }), { options }));
  const eager = values(await inRanks(2, () => ({ batchSize: 12, capture: false }), { options }));
  const parts = values(await inRanks(2, () => ({ batchSize: 4, accumulate: 3 }), { options }));
  for (const one of [...captured, ...eager, ...parts]) assertSame(one, alone);
  assertEqualBytes(captured[0]!, eager[1]!);
  const { steps, bytes } = captured[0]!.parallel!.times;
  assert.is(steps, 10);
  assert.ok(bytes >= 10 * 4 * (8 * 25 + 8 + 8 * 36 * 10 + 10), `${bytes} bytes`);
});

test('in float16 all ranks leave the same steps out', async () => {
  const scalers = [0, 1].map(() => new GradScaler({ initScale: 2 ** 40 }));
  const ended = values(await inRanks(2, (rank) => ({ batchSize: 12, scaler: scalers[rank]! })));
  for (const scaler of scalers) scaler.dispose();
  assert.ok(ended[0]!.result.skipped > 0);
  assert.is(ended[1]!.result.skipped, ended[0]!.result.skipped);
  assertEqualBytes(ended[0]!, ended[1]!);
});

test('batch norm keeps statistics of its own, and tests with those of rank 0', async () => {
  const ended = values(await inRanks(2, () => ({ batchSize: 12, hasNorm: true })));
  assertEqualBytes(ended[0]!, ended[1]!);
  assert.equal(ended[0]!.result.test, ended[1]!.result.test);
});

test('a rank that was asked to stop stops all after the same step', async () => {
  const stop = new AbortController();
  const ended = values(
    await inRanks(2, (rank) => ({
      ...{ batchSize: 12, epochs: 50 },
      ...(rank === 1 && { signal: stop.signal, onStep: () => stop.abort() }),
    })),
  );
  for (const { result } of ended) assert.ok(result.isStopped);
  assert.is(ended[0]!.result.progress.step, ended[1]!.result.progress.step);
  assertEqualBytes(ended[0]!, ended[1]!);
});

test('another model, seed, data set or batch size is found out before the first step', async () => {
  const cases: [string, Given][] = [
    ['another parameter values', { modelSeed: 4 }],
    ['another parameters', { hasNorm: true }],
    ['another configuration', { batchSize: 6 }],
    ['another data set', { trainSet: shifted(trainSet) }],
  ];
  for (const [what, difference] of cases) {
    const outcomes = await inRanks(2, (rank) => ({ batchSize: 12, ...(rank === 1 && difference) }));
    for (const error of errors(outcomes)) {
      assert.instance(error, RankError);
      assert.match(error.message, `rank 1 of 2 has ${what}`);
    }
  }
});

test('a rank whose training fails ends the others at once, naming it', async () => {
  const outcomes = await inRanks(
    3,
    (rank) => ({
      batchSize: 8,
      ...(rank === 2 && {
        onStep: ({ progress }: StepReport) => {
          if (progress.step === 2) throw new ShapeError('a fault of this rank');
        },
      }),
    }),
    { timeout: 60 },
  );
  const [first, second, failed] = errors(outcomes);
  assert.instance(failed, ShapeError);
  for (const error of [first, second]) assert.match(error!.message, 'rank 2 of 3 failed: a fault of this rank');
});

test('snapshots of one rank alone are refused', async () => {
  const outcomes = await inRanks(1, () => ({ snapshotEvery: 5 }));
  for (const error of errors(outcomes)) {
    assert.instance(error, ShapeError);
    assert.match(error.message, 'leave reopen and snapshotEvery out');
  }
});

test('a parameter without a gradient is refused: others might exchange it', async () => {
  const unused = new Linear(2, 2);
  unused.to(devices[0]!);
  const model = new Sequential(new Flatten(), new Linear(784, 10)).to(devices[0]!);
  const optimizer = new SGD([...model.parameters(), ...unused.parameters()], { lr: 0.1 });
  const [transport] = inProcessRanks(1);
  const distributed = new DataParallel(new Communicator(transport!));
  const options = { model, device: devices[0]!, optimizer, trainSet, testSet, epochs: 1, distributed };
  const error = await train(options).catch((failed) => failed);
  assert.instance(error, ShapeError);
  assert.match(error.message, 'a parameter of shape [2, 2] got no gradient in this step');
  optimizer.dispose();
  model.dispose();
  unused.dispose();
});

function shifted(dataset: Dataset): Dataset {
  return { ...dataset, labels: Uint8Array.from(dataset.labels, (label) => (label + 1) % 10) };
}

test.run();

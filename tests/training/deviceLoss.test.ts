// A run that loses its device goes on from its last snapshot, and ends with the bytes of a run that never did.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import { DeviceLostError } from '../../engine/index.ts';
import { BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, GradScaler, OneCycleLR } from '../../engine/optim/index.ts';
import { AdapterError, ShapeError } from '../../kernels/errors.ts';
import { type Recovery, type TrainOptions, type TrainResult, train } from '../../training/index.ts';

const test = suite('device loss');
const trainSet = glyphs({ count: 150 });
const testSet = glyphs({ train: false, count: 40 });
/** 5 steps an epoch. */
const EPOCHS = 3;

interface Ended {
  result: TrainResult;
  weights: StateDict;
  recoveries: Recovery[];
  losses: number[];
}

type Hooks = Pick<TrainOptions, 'onStep' | 'onEpoch' | 'save' | 'snapshotEvery' | 'reopen' | 'saveEvery'> & {
  isHalf?: boolean;
  capture?: boolean;
};

/** With running statistics and dropout, so that buffers and the random state count. */
function smallNet(): Sequential {
  return new Sequential(
    new Conv2d(1, 8, 5),
    new BatchNorm2d(8),
    new ReLU(),
    new MaxPool2d(4),
    new Flatten(),
    new Dropout(0.3),
    new Linear(8 * 6 * 6, 10),
  );
}

/** @param hooks is given the device at work */
async function trained(hooks: (now: () => Device) => Hooks = () => ({})): Promise<Ended> {
  let device = await createDevice();
  const { isHalf = false, onStep, ...others } = hooks(() => device);
  const model = smallNet().to(device, { seed: 3 });
  const optimizer = new Adam(model.parameters(), { lr: 0.001 });
  const scheduler = new OneCycleLR(optimizer, { maxLr: 0.002, totalSteps: 5 * EPOCHS });
  const scaler = isHalf ? new GradScaler({ growthInterval: 4 }) : undefined;
  const recoveries: Recovery[] = [];
  const losses: number[] = [];
  const result = await train({
    ...{ model, device, trainSet, testSet, optimizer, scheduler, scaler },
    ...{ epochs: EPOCHS, batchSize: 30, seed: 5, reopen: () => createDevice() },
    onRecover: (recovery) => {
      recoveries.push(recovery);
      device = recovery.device;
      losses.length = recovery.progress.step;
    },
    onStep: (step) => {
      losses[step.progress.step - 1] = step.loss;
      onStep?.(step);
    },
    ...others,
  });
  const weights = await model.stateDict();
  optimizer.dispose();
  scaler?.dispose();
  model.dispose();
  assert.is(result.device, device);
  assert.is(device.memory().tensors, 0);
  device.destroy();
  return { result, weights, recoveries, losses };
}

let calm: Ended;
test.before(async () => {
  calm = await trained();
});

function assertSame(left: Ended, right: Ended): void {
  assert.equal(left.losses, right.losses);
  for (const [name, { data }] of right.weights) assert.equal(left.weights.get(name)?.data, data, name);
  const { seconds: _, trainingSeconds: __, ...counts } = left.result.progress;
  const { seconds: ___, trainingSeconds: ____, ...expected } = right.result.progress;
  assert.equal(counts, expected);
  assert.equal(left.result.test, right.result.test);
}

test('an undisturbed run recovers nothing', () => {
  assert.is(calm.recoveries.length, 0);
  assert.is(calm.losses.length, 5 * EPOCHS);
});

test('a device lost in the middle of an epoch: the run goes on from the snapshot, to the same bytes', async () => {
  const ended = await trained((now) => ({ snapshotEvery: 4, onStep: onceAt(7, now) }));
  assert.equal(
    ended.recoveries.map(({ progress: { step, epoch, batch } }) => [step, epoch, batch]),
    [[4, 0, 4]],
  );
  assert.instance(ended.recoveries[0].lost, DeviceLostError);
  assertSame(ended, calm);
});

test('lost while testing, while saving, and again: always the same bytes', async () => {
  const saved: number[] = [];
  const ended = await trained((now) => ({
    snapshotEvery: 3,
    saveEvery: 4,
    onStep: onceAt(5, now), // the last of its epoch: the test comes
    save: async ({ step }) => {
      saved.push(step);
      if (step === 12 && saved.filter((each) => each === 12).length === 1) {
        now().destroy();
        await now().tensor([1]).data();
      }
    },
  }));
  assert.ok(ended.recoveries.length >= 2, `${ended.recoveries.length} recoveries`);
  assert.equal(
    [...new Set(saved)].sort((a, b) => a - b),
    [4, 5, 8, 10, 12, 15],
  );
  assertSame(ended, calm);
});

test('lost under float16, with its loss scale', async () => {
  const undisturbed = await trained(() => ({ isHalf: true }));
  const ended = await trained((now) => ({ isHalf: true, snapshotEvery: 3, onStep: onceAt(8, now) }));
  assert.is(ended.recoveries.length, 1);
  assertSame(ended, undisturbed);
});

test('lost before the first step, without captured steps', async () => {
  const ended = await trained((now) => {
    queueMicrotask(() => now().destroy());
    return { capture: false };
  }).catch((error) => error);
  // the first snapshot could not be taken: nothing was trained that could be lost
  assert.instance(ended, DeviceLostError);
  const later = await trained((now) => ({ capture: false, snapshotEvery: 1, onStep: onceAt(1, now) }));
  assertSame(later, calm);
});

test('a device that is lost at every step ends the run with a clear error', async () => {
  let opened = 0;
  const error = await trained((now) => ({
    snapshotEvery: 100,
    reopen: () => {
      opened++;
      return createDevice();
    },
    onStep: ({ progress: { step } }) => {
      if (step === 2) now().destroy();
    },
  })).catch((caught) => caught);
  assert.instance(error, DeviceLostError);
  assert.match(error.message, 'lost 4 times after step 0');
  assert.is(opened, 3);
});

test('what reopen throws is thrown, and without reopen the loss itself', async () => {
  const noAdapter = await trained((now) => ({
    onStep: onceAt(2, now),
    reopen: () => Promise.reject(new AdapterError('the adapter was unplugged')),
  })).catch((caught) => caught);
  assert.instance(noAdapter, AdapterError);
  const none = await trained((now) => ({ onStep: onceAt(2, now), reopen: undefined })).catch((caught) => caught);
  assert.instance(none, DeviceLostError);
});

test('options that do not fit are refused before anything is read', async () => {
  await refused({ snapshotEvery: 0 }, 'snapshotEvery must be a whole number from 1, given 0');
  await refused({ saveEvery: 1.5 }, 'saveEvery must be a whole number from 1, given 1.5');
});

async function refused(hooks: Hooks, message: string): Promise<void> {
  const error = await trained(() => hooks).catch((caught) => caught);
  assert.instance(error, ShapeError);
  assert.match(error.message, message);
}

/** Destroys the device once, when that step is reported. */
function onceAt(step: number, now: () => Device): NonNullable<TrainOptions['onStep']> {
  let isDone = false;
  return ({ progress }) => {
    if (isDone || progress.step !== step) return;
    isDone = true;
    now().destroy();
  };
}

test.run();

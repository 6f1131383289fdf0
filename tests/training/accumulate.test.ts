// Gradient accumulation: updates by the mean gradient of several batches, in the memory of one.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, GradScaler } from '../../engine/optim/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { type StepReport, type TrainOptions, train } from '../../training/index.ts';

const test = suite('gradient accumulation');
/** Batches of 40 leave 25 for the last: parts of 10, 10 and 5. */
const trainSet = glyphs({ count: 105 });
const testSet = glyphs({ train: false, count: 30 });

let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => device.destroy());
test.after.each(() => assert.is(device.memory().tensors, 0));

interface Ended {
  weights: StateDict;
  steps: StepReport[];
}

async function trained(given: Partial<TrainOptions>): Promise<Ended> {
  const model = new Sequential(
    new Conv2d(1, 8, 5),
    new ReLU(),
    new MaxPool2d(4),
    new Flatten(),
    new Linear(8 * 6 * 6, 10),
  ).to(device, { seed: 3 });
  const optimizer = new Adam(model.parameters(), { lr: 0.002 });
  const steps: StepReport[] = [];
  try {
    await train({
      ...{ model, device, optimizer, trainSet, testSet, epochs: 2, seed: 5 },
      onStep: (step) => steps.push(step),
      ...given,
    });
    return { weights: await model.stateDict(), steps };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

test('it equals one large batch: steps, losses and weights, with an uneven last batch', async () => {
  const parts = await trained({ batchSize: 10, accumulate: 4 });
  const whole = await trained({ batchSize: 40 });
  assert.is(parts.steps.length, 6);
  for (const [i, { loss, progress }] of parts.steps.entries()) {
    assert.ok(Math.abs(loss / whole.steps[i].loss - 1) < 1e-5, `step ${i}: ${loss} and ${whole.steps[i].loss}`);
    assert.is(progress.images, whole.steps[i].progress.images);
    assert.is(progress.current.images, whole.steps[i].progress.current.images);
  }
  // Adam divides by the gradient's own size: where that is rounding alone, so is the update
  assert.ok(largestDifference(parts.weights, whole.weights) < 1e-4);
});

test('captured and eager steps give the same bytes', async () => {
  const captured = await trained({ batchSize: 10, accumulate: 4 });
  const eager = await trained({ batchSize: 10, accumulate: 4, capture: false });
  for (const [name, { data }] of eager.weights) assert.equal(captured.weights.get(name)!.data, data, name);
  assert.equal(
    captured.steps.map(({ loss }) => loss),
    eager.steps.map(({ loss }) => loss),
  );
});

test('in float16 the parts are scaled alike', async () => {
  const scalers = [new GradScaler({ initScale: 1024 }), new GradScaler({ initScale: 1024 })];
  const parts = await trained({ batchSize: 10, accumulate: 4, scaler: scalers[0] });
  const whole = await trained({ batchSize: 40, scaler: scalers[1] });
  for (const scaler of scalers) scaler.dispose();
  for (const [i, { loss }] of parts.steps.entries()) {
    assert.ok(Math.abs(loss / whole.steps[i].loss - 1) < 1e-2, `step ${i}: ${loss} and ${whole.steps[i].loss}`);
  }
});

test('it takes the memory of a part, not of the whole', async () => {
  const peakOf = async (given: Partial<TrainOptions>) => {
    const fresh = await createDevice();
    let peak = 0;
    const model = new Sequential(new Conv2d(1, 16, 5), new ReLU(), new Flatten(), new Linear(16 * 24 * 24, 10));
    model.to(fresh, { seed: 3 });
    const optimizer = new Adam(model.parameters());
    await train({
      ...{ model, device: fresh, optimizer, trainSet, testSet, epochs: 1, capture: false },
      onStep: () => {
        peak = Math.max(peak, fresh.memory().peakBytes);
      },
      ...given,
    });
    fresh.destroy();
    return peak;
  };
  const [parts, whole] = [await peakOf({ batchSize: 10, accumulate: 8 }), await peakOf({ batchSize: 80 })];
  assert.ok(parts < 0.5 * whole, `${parts} and ${whole} bytes`);
});

test('a count that is none is refused', async () => {
  for (const accumulate of [0, 1.5, -2]) {
    try {
      await trained({ accumulate });
      assert.unreachable('expected a ShapeError');
    } catch (error) {
      assert.instance(error, ShapeError);
      assert.match(
        (error as Error).message,
        new RegExp(`accumulate must be a whole number from 1, given ${accumulate}`),
      );
    }
  }
});

function largestDifference(left: StateDict, right: StateDict): number {
  let largest = 0;
  for (const [name, { data }] of right) {
    const other = left.get(name)!.data;
    for (const [i, value] of data.entries()) largest = Math.max(largest, Math.abs(Number(value) - Number(other[i])));
  }
  return largest;
}

test.run();

// The training loop as a library function: what it reports, what it leaves behind.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ReduceLROnPlateau, SGD } from '../../engine/optim/index.ts';
import { createModel } from '../../models/index.ts';
import { evaluate, type StepReport, type TrainOptions, train } from '../../training/index.ts';

const test = suite('trainer');
const trainSet = glyphs({ count: 210 });
const testSet = glyphs({ train: false, count: 40 });
let device: Device;
test.before(async () => {
  device = await createDevice();
});

test('every step and every epoch is reported once, in order', async () => {
  const steps: StepReport[] = [];
  const epochs: number[] = [];
  const saved: number[] = [];
  await withTraining({ epochs: 2, batchSize: 50 }, (options) =>
    train({
      ...options,
      onStep: (step) => steps.push(step),
      onEpoch: ({ progress }) => epochs.push(progress.epoch),
      save: async ({ step }) => void saved.push(step),
    }),
  );
  assert.equal(
    steps.map(({ progress: { epoch, batch, step, images } }) => [epoch, batch, step, images]),
    [
      ...[50, 100, 150, 200, 210].map((images, i) => [0, i + 1, i + 1, images]),
      ...[260, 310, 360, 410, 420].map((images, i) => [1, i + 1, i + 6, images]),
    ],
  );
  assert.equal(epochs, [1, 2]);
  assert.equal(saved, [5, 10]);
});

test('the loss of an epoch is the mean over its images, and falls', async () => {
  const losses: number[] = [];
  let sum = 0;
  await withTraining({ epochs: 6, batchSize: 50 }, (options) =>
    train({
      ...options,
      onStep: ({ loss, progress }) => {
        sum += loss * (progress.batch === 5 ? 10 : 50);
      },
      onEpoch: ({ trainLoss }) => {
        assert.ok(Math.abs(trainLoss - sum / 210) < 1e-9, `${trainLoss} is not ${sum / 210}`);
        losses.push(trainLoss);
        sum = 0;
      },
    }),
  );
  assert.ok(losses[5] < losses[0], `losses ${losses}`);
});

test('memory is flat over epochs, and all of it comes back', async () => {
  const before = device.memory();
  const seen: string[] = [];
  await withTraining({ epochs: 3, batchSize: 30 }, (options) =>
    train({
      ...options,
      onEpoch: () => {
        const { tensors, bytes, buffers } = device.memory();
        seen.push(JSON.stringify({ tensors, bytes, buffers }));
      },
    }),
  );
  assert.is(seen.length, 3);
  assert.is(seen[2], seen[1]);
  const after = device.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test('limit uses the first images only, and a plateau lowers the rate by the test loss', async () => {
  const rates: number[] = [];
  await withTraining({ epochs: 4, batchSize: 32, limit: 64 }, (options) => {
    const { optimizer } = options;
    // a loss below 2 would be an improvement, so every epoch is a bad one
    const scheduler = new ReduceLROnPlateau(optimizer as SGD, { threshold: 10, thresholdMode: 'abs', patience: 0 });
    return train({
      ...{ ...options, scheduler },
      onStep: ({ lr, stepsPerEpoch }) => {
        assert.is(stepsPerEpoch, 2);
        rates.push(lr);
      },
    });
  });
  const lr = [0.05, 0.05, 0.005, 0.0005].flatMap((rate) => [rate, rate]);
  assert.equal(
    rates.map((rate) => rate.toPrecision(6)),
    lr.map((rate) => rate.toPrecision(6)),
  );
});

test('evaluation tells class, probability and loss of every image, whatever the batch size', async () => {
  const model = createModel('lenet5').to(device, { seed: 3 });
  const whole = await evaluate(model, device, testSet, { batchSize: 40 });
  const odd = await evaluate(model, device, testSet, { batchSize: 7 });
  assert.equal(odd.predictions, whole.predictions);
  const right = testSet.labels.filter((label, i) => whole.predictions[i] === label).length;
  assert.is(whole.accuracy, right / 40);
  assert.ok(Math.abs(odd.loss - whole.loss) < 1e-6);
  assert.ok(Math.abs(whole.loss - Math.log(10)) < 0.2, `an untrained model is near chance, not ${whole.loss}`);
  assert.ok(whole.probabilities.every((probability) => probability >= 0.1 && probability < 0.3));
  assert.ok(model.training, 'the mode it was in');
  model.dispose();
});

test.run();

async function withTraining(
  { epochs, batchSize, limit }: { epochs: number; batchSize: number; limit?: number },
  body: (options: TrainOptions) => Promise<unknown>,
): Promise<void> {
  const model = createModel('lenet5').to(device);
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  await body({ model, device, trainSet, testSet, optimizer, epochs, batchSize, limit });
  optimizer.dispose();
  model.dispose();
}

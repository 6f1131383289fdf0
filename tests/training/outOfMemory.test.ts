// Training that runs out of memory ends with the error, leaves nothing behind, and goes on with a smaller batch.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batchOf, glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { OutOfMemoryError } from '../../kernels/errors.ts';
import { createModel } from '../../models/index.ts';
import { findBatchSize, train } from '../../training/index.ts';
import { stepPrecision } from '../../training/stepPrecision.ts';
import { StepRunner } from '../../training/stepRunner.ts';
import { trainStep } from '../../training/trainStep.ts';
import { FailingDriver, failAt, rejection } from '../engine/endOfMemory.ts';

const test = suite('out of memory in training');
const trainSet = glyphs({ count: 200 });
const testSet = glyphs({ train: false, count: 20 });

let device: Device;
test.before.each(async () => {
  device = await createDevice();
});
test.after.each(() => device.destroy());

function held() {
  const { tensors, bytes } = device.memory();
  return { tensors, bytes };
}

function parts() {
  const model = createModel('lenet5', { numClasses: 10 }).to(device, { seed: 1 });
  const optimizer = new SGD(model.parameters(), { lr: 0.05 });
  const dispose = () => {
    optimizer.dispose();
    model.dispose();
  };
  return { model, optimizer, device, trainSet, testSet, [Symbol.dispose]: dispose };
}

for (const capture of [true, false]) {
  test(`a batch that does not fit ends the run, and a smaller one trains (${capture ? 'captured' : 'eager'})`, async () => {
    const before = held();
    const options = { epochs: 1, capture };
    const losses: number[] = [];
    const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
    {
      using given = parts();
      await train({ ...given, ...options, batchSize: 20, limit: 40, onStep });
    }
    {
      using given = parts();
      await given.model.parameters()[0].data();
      given.optimizer.zeroGrad();
      const ready = held();
      device.trimMemory();
      device.memoryLimit = device.memory().reservedBytes + 6_000_000;
      const error = await rejection(train({ ...given, ...options, batchSize: 200 }));
      assert.match(error.message, /memoryLimit/);
      assert.ok(error.live!.byLayer.some(({ name, type }) => name === 'conv1' && type === 'Conv2d'));
      given.optimizer.zeroGrad();
      assert.equal(held(), ready);
      const again: number[] = [];
      await train({ ...given, ...options, batchSize: 20, limit: 40, onStep: ({ loss }) => void again.push(loss) });
      assert.equal(again, losses);
      assert.ok(device.memory().reservedBytes <= device.memoryLimit);
    }
    assert.equal(held(), before);
  });
}

test('memory that the driver turns out not to have ends the run too', async () => {
  using given = parts();
  await device.idle();
  device.trimMemory();
  {
    using _ = new FailingDriver(device, 12);
    const error = await rejection(train({ ...given, epochs: 1, batchSize: 20, limit: 40 }));
    assert.match(error.message, /injected/);
  }
  const { test: result } = await train({ ...given, epochs: 1, batchSize: 10, limit: 40 });
  assert.ok(Number.isFinite(result!.loss));
});

test('a runner whose capture found no memory frees its input, and captures the next batch', async () => {
  const before = held();
  {
    using given = parts();
    using precision = stepPrecision(device, given.optimizer, {});
    const step = (x: Tensor, labels: Tensor) => {
      given.optimizer.zeroGrad();
      return trainStep(given.model, precision, { x, labels, microBatch: labels.size });
    };
    using runner = new StepRunner({ device, step });
    const run = async (n: number) => {
      using _ = device.scope();
      const indices = Array.from({ length: n }, (_, i) => i);
      const { x: values, shape, labels } = batchOf(trainSet, indices);
      const { loss } = runner.run({ x: { values, shape }, labels });
      return await loss.item();
    };
    const ready = held();
    for (let allocation = 1; allocation <= 4; allocation++) {
      try {
        let running: Promise<number> | undefined;
        failAt(device, allocation, () => {
          running = run(8);
          running.catch(() => {});
        });
        await running;
        assert.unreachable('expected an OutOfMemoryError');
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
      }
      given.optimizer.zeroGrad();
      assert.equal(held(), ready, `allocation ${allocation}`);
    }
    assert.ok(Number.isFinite(await run(4)));
  }
  assert.equal(held(), before);
});

test('the search for a batch size ends at the memory there is', async () => {
  using given = parts();
  device.trimMemory();
  device.memoryLimit = device.memory().reservedBytes + 3_000_000;
  const ready = held();
  const { batchSize, limit, trials } = await findBatchSize({ ...given });
  assert.is(trials.at(-1)!.imagesPerSecond === undefined, limit === 'memory');
  assert.ok(batchSize >= 8);
  given.optimizer.zeroGrad();
  assert.equal(held(), ready);
});

test.run();

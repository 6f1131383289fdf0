// Drivers tell of missing memory late. Whoever reads then is told, nothing was done with what was never computed, and
// the device goes on.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam } from '../../engine/optim/index.ts';
import { OutOfMemoryError } from '../../kernels/errors.ts';
import { batch, FailingDriver, lossOf, parametersOf, rejection, smallNet } from './endOfMemory.ts';

const test = suite('out of memory of the driver');

let device: Device;
test.before.each(async () => {
  device = await createDevice();
});
test.after.each(() => device.destroy());

const isNode = process.versions?.node !== undefined;
const isOutOfMemory = (error: Error) => error instanceof OutOfMemoryError;

function held() {
  const { tensors, bytes } = device.memory();
  return { tensors, bytes };
}

type Step = (n: number) => Promise<unknown>;

const kinds: Record<string, (model: ReturnType<typeof smallNet>, optimizer: Adam) => Step> = {
  'a step': (model, optimizer) => async (n) => {
    const loss = lossOf(model, batch(device, n));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    await loss.item();
  },
  'a captured step': (model, optimizer) => async (n) => {
    const given = batch(device, n);
    using step = device.capture(() => {
      const loss = lossOf(model, given);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    await step.result.item();
  },
};

for (const [kind, stepOf] of Object.entries(kinds)) {
  for (const isFirst of [true, false]) {
    const which = isFirst ? `${kind}, the first,` : `${kind}, a later one,`;
    test(`any buffer of ${which} may be missing: it is as if the step had never been`, async () => {
      const train = async (isFailing: boolean) => {
        const model = smallNet(device);
        const optimizer = new Adam(model.parameters(), { lr: 0.01 });
        const run = stepOf(model, optimizer);
        const step = async (n: number) => {
          using _ = device.scope();
          device.manualSeed(n);
          await run(n);
          optimizer.zeroGrad();
        };
        if (!isFirst) await step(8);
        await device.idle();
        for (let failing = 1, isOver = !isFailing; !isOver; failing++) {
          device.trimMemory();
          await device.idle();
          const { tensors } = held();
          using _ = new FailingDriver(device, failing);
          try {
            const error = await rejection(step(8));
            assert.match(error.message, /no room for .+: injected\. In use/);
            assert.ok(error.requested!.bytes > 0);
            isOver = error.requested!.what === 'read'; // that the loss cannot be read undoes no step
          } catch (error) {
            if (!(error instanceof Error && error.message.startsWith('expected'))) throw error;
            isOver = true;
          }
          if (isOver) assert.ok(failing > (kind === 'a step' ? 25 : 8), `${failing} buffers`);
          optimizer.zeroGrad();
          if (!isFirst) assert.is(held().tensors, tensors);
          await device.idle(); // no more is told
        }
        if (!isFailing) await step(8);
        await step(4);
        const steps = (await optimizer.stateDict()).steps;
        const values = JSON.stringify(await parametersOf(model)); // one text: a difference fills no screens
        optimizer.dispose();
        model.dispose();
        return { values, steps };
      };
      const before = held();
      const expected = await train(false);
      const actual = await train(true);
      assert.equal(actual.steps, expected.steps);
      assert.ok(actual.values === expected.values, 'the parameters differ');
      assert.equal(held(), before);
    });
  }
}

test('every read under way meets the error, and what was made meanwhile has no values', async () => {
  const old = device.tensor([1, 2, 3]);
  await old.data();
  const before = device.memory();
  using scope = device.scope();
  const first = old.add(1);
  device.recorder.flush();
  using _ = new FailingDriver(device, 1);
  const missing = device.empty([1000]);
  const after = old.mul(2);
  const reads = [missing.data(), after.data(), old.data()];
  for (const read of reads) {
    const error = await rejection(read);
    assert.equal(error.requested, { bytes: 4000, what: 'tensor', shape: [1000], dtype: 'float32' });
    assert.is(error.live!.bytes, 512);
  }
  const late = await rejection(after.data());
  assert.match(late.message, /^affine: these values were never computed, for memory had ended/);
  assert.throws(() => missing.add(1), isOutOfMemory);
  assert.equal([...(await first.data())], [2, 3, 4]);
  assert.equal([...(await old.mul(3).data())], [3, 6, 9]);
  scope.dispose();
  device.trimMemory();
  assert.equal({ ...device.memory(), peakBytes: 0 }, { ...before, peakBytes: 0 });
});

test('what an optimizer does after a buffer was missing is not done', async () => {
  using _scope = device.scope();
  const model = smallNet(device);
  const optimizer = new Adam(model.parameters(), { lr: 1 });
  const before = await parametersOf(model);
  lossOf(model, batch(device, 2)).backward();
  await device.idle();
  {
    using _ = new FailingDriver(device, 1);
    device.empty([100_000]);
    optimizer.step();
    assert.equal((await rejection(device.idle())).requested?.shape, [100_000]);
  }
  assert.equal(await parametersOf(model), before);
  assert.equal([...new Set((await optimizer.stateDict()).steps)], [0]);
  optimizer.step();
  assert.not.equal(await parametersOf(model), before);
  optimizer.dispose();
  model.dispose();
});

test('an error that came while nobody read is thrown by the next operation', async () => {
  const x = device.tensor([1]);
  await device.idle();
  using _ = new FailingDriver(device, 1);
  const missing = device.empty([1000]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.throws(() => x.add(1), isOutOfMemory);
  assert.equal([...(await x.add(1).data())], [2]);
  missing.dispose();
});

test('a read that there is no buffer for is told so, and loses nothing', async () => {
  using _ = device.scope();
  const x = device.tensor(new Float32Array(1000).fill(2));
  const y = x.mul(3);
  {
    using _driver = new FailingDriver(device, 1);
    const reading = y.data();
    const z = y.add(1);
    assert.is((await rejection(reading)).requested?.what, 'read');
    assert.is((await z.data())[999], 7);
  }
  assert.is((await y.data())[999], 6);
});

test('a captured step whose memory was missing is stale', async () => {
  using _ = device.scope();
  const x = device.tensor(new Float32Array(1000).fill(2));
  await device.idle();
  device.trimMemory();
  using driver = new FailingDriver(device, 1);
  const step = device.capture(() => x.mul(3).add(1).sum());
  await rejection(step.result.item());
  assert.is(step.stale, 'there was no memory for it');
  step.dispose();
  assert.ok(driver.buffers > 1);
  using again = device.capture(() => x.mul(3).add(1).sum());
  again.replay();
  assert.is(await again.result.item(), 7000);
});

test('free buffers are given back, and go before new ones come from then on', async () => {
  device.empty([100_000]).dispose();
  await device.idle();
  {
    using _ = new FailingDriver(device, 1);
    const missing = device.empty([200_000]);
    assert.is((await rejection(device.idle())).live!.idleBytes, 458_752);
    assert.is(device.memory().reservedBytes, 917_504);
    missing.dispose();
    assert.is(device.memory().reservedBytes, 0);
  }
  const kept = device.empty([100_000]);
  device.empty([80_000]).dispose();
  device.empty([60_000]).dispose(); // beyond what there was: the free one goes
  assert.ok(device.memory().reservedBytes <= 2 * 458_752);
  kept.dispose();
});

test('a createBuffer that throws is an OutOfMemoryError at once', () => {
  const { gpu } = device;
  gpu.createBuffer = () => {
    throw new RangeError('createBuffer failed, size is too large for the implementation when mappedAtCreation == true');
  };
  const before = device.memory();
  assert.throws(() => device.empty([10]), isOutOfMemory);
  Reflect.deleteProperty(gpu, 'createBuffer');
  assert.equal(device.memory(), before);
  device.empty([10]).dispose();
});

test("SwiftShader's own refusal of a gigabyte is one, and it computes on", async () => {
  using own = await opened(isNode ? 'swiftshader' : undefined); // Chromium has no other here
  const x = own.device.tensor([1, 2, 3]);
  const y = x.add(1);
  await own.device.idle();
  const before = own.device.memory();
  {
    using _ = own.device.scope();
    const huge = own.device.empty([2 ** 28]);
    const error = await rejection(huge.add(1).sum().item());
    assert.is(error.requested?.bytes, 2 ** 30);
    assert.match(error.message, /VK_ERROR_OUT_OF_DEVICE_MEMORY/);
  }
  assert.equal([...(await x.mul(y).data())], [2, 6, 12]);
  own.device.trimMemory();
  assert.is(own.device.memory().bytes, before.bytes + 256);

  // one that the application asked for itself, outside of all scopes
  own.device.gpu.createBuffer({ size: 2 ** 30, usage: GPUBufferUsage.STORAGE });
  await rejection(own.device.idle());
  assert.equal([...(await x.data())], [1, 2, 3]);
});

test.run();

async function opened(adapter: string | undefined) {
  const own = await createDevice(adapter ? { adapter } : {});
  return { device: own, [Symbol.dispose]: () => own.destroy() };
}

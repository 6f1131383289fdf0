// Warming up compiles a step's pipelines, and leaves nothing else behind.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crossEntropy } from '../../engine/functional/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import { CaptureError } from '../../kernels/errors.ts';
import { ResNetCifar } from '../../models/resnetCifar.ts';

const test = suite('warmUp');

/** A model whose step has something of everything: batch norms that count, an optimizer that counts, a random state. */
async function trainable({ helper = true, momentum = 0.9 } = {}) {
  const device = await createDevice();
  if (!helper) device.makeHelper = undefined;
  device.manualSeed(3);
  const model = new ResNetCifar(8).to(device, { seed: 1 });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum });
  const x = device.tensor(
    Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i)),
    [2, 3, 32, 32],
  );
  const labels = device.tensor(Uint32Array.of(1, 7));
  const step = () => {
    const loss = crossEntropy(model.call(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { device, model, optimizer, step };
}

test('the step afterwards is the one it would have been, captured or not', async () => {
  const results = [];
  for (const isWarm of [false, true]) {
    const { device, model, optimizer, step } = await trainable();
    if (isWarm) {
      const made = await device.warmUp(step);
      assert.ok(made > 10, `${made} pipelines`);
      assert.is(await device.warmUp(step), 0, 'they are ready');
    }
    const captured = device.capture(step);
    const first = await captured.result.item();
    captured.replay();
    const state = await model.stateDict();
    results.push([first, await captured.result.item(), [...state], (await optimizer.stateDict()).steps]);
  }
  assert.equal(results[0], results[1]);
});

test('one device alone does it too, and no memory stays taken', async () => {
  const { device, step } = await trainable({ helper: false, momentum: 0 });
  const before = device.memory();
  assert.ok((await device.warmUp(step)) > 10);
  assert.equal({ ...device.memory(), peakBytes: 0 }, { ...before, peakBytes: 0 });
  assert.is(await device.warmUp(step), 0);
  assert.ok(Number.isFinite(await device.tidy(step).item()));
});

test('an inference is warmed up as well, and what has run is ready', async () => {
  const { device, model } = await trainable();
  const x = device.empty([1, 3, 32, 32]);
  model.eval();
  const inference = () => device.noGrad(() => model.call(x));
  device.tidy(inference);
  await device.idle();
  assert.is(await device.warmUp(inference), 0);
});

test('what cannot be captured is refused, and nothing of it stays', async () => {
  const { device, model, step } = await trainable();
  const remove = model.parameters()[0].registerHook(() => undefined);
  const before = device.memory();
  let message = '';
  await device.warmUp(step).catch((error: Error) => {
    assert.instance(error, CaptureError);
    message = error.message;
  });
  assert.match(message, /gradient hook/);
  assert.equal({ ...device.memory(), peakBytes: 0 }, { ...before, peakBytes: 0 });
  remove();
  assert.ok((await device.warmUp(step)) > 10);
});

test.run();

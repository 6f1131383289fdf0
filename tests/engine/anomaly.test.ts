// Anomaly mode names the operation and the layer that made the first NaN or infinity.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnomalyOptions, watchAnomalies } from '../../engine/anomaly/index.ts';
import type { Device } from '../../engine/device.ts';
import { crossEntropy } from '../../engine/functional/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import { type AnomalyDetails, AnomalyError, CaptureError, WgradError } from '../../kernels/errors.ts';
import { ResNetCifar } from '../../models/resnetCifar.ts';

const test = suite('anomaly mode');

/** What the watch says of `fn`; undefined: nothing. */
async function found(device: Device, fn: () => unknown, options?: AnomalyOptions): Promise<AnomalyDetails | undefined> {
  using watch = watchAnomalies(device, options);
  using _ = device.scope();
  fn();
  try {
    await watch.check();
  } catch (error) {
    assert.instance(error, AnomalyError);
    return (error as AnomalyError).details;
  }
}

test('finite work passes, and work without a watch runs no kernel more', async () => {
  const device = await createDevice();
  const x = device.tensor([1, 2, 3]);
  const count = () => {
    const before = device.recorder.dispatches;
    x.mul(2);
    return device.recorder.dispatches - before;
  };
  assert.is(count(), 1);
  assert.is(await found(device, () => x.mul(2).softmax(0).sum()), undefined);
  assert.is(count(), 1);
});

test('the first operation is named, not those that pass its NaN on', async () => {
  const device = await createDevice();
  const x = device.tensor([1, 4, 0, 0], [2, 2]);
  const details = await found(device, () => x.div(x).mul(2).sum());
  assert.is(details?.operation, 'div');
  assert.ok(Number.isNaN(details?.value));
  assert.equal(details?.index, [1, 0]);
  assert.equal(details?.shape, [2, 2]);
  assert.is(details?.badInput, undefined);
});

test('an overflow is an infinity with its sign', async () => {
  const device = await createDevice();
  const x = device.tensor([1, -3e38]);
  const details = await found(device, () => x.mul(10));
  assert.is(details?.value, Number.NEGATIVE_INFINITY);
  assert.equal(details?.index, [1]);
});

test('indices are those of the logical shape where memory is in another order', async () => {
  const device = await createDevice();
  const values = new Float32Array(2 * 3 * 4 * 5).fill(1);
  values[1 * 60 + 2 * 20 + 3 * 5 + 1] = 3e38;
  const x = device.tensor(values, [2, 3, 4, 5]);
  const details = await found(device, () => x.mul(10));
  assert.equal(details?.index, [1, 2, 3, 1]);
});

test('bad data is told from a bad operation', async () => {
  const device = await createDevice();
  const x = device.tensor([1, Number.POSITIVE_INFINITY]);
  const details = await found(device, () => x.mul(2));
  assert.ok(details?.badInput);
});

test('a value that only the backward pass gets wrong is found there', async () => {
  const device = await createDevice();
  const x = device.tensor([1e-30, 1]);
  x.requiresGrad = true;
  const y = device.tensor([1, 1]);
  const details = await found(device, () => y.div(x).sum().backward()); // d(1/x) = -1/x² overflows
  assert.is(details?.operation, 'div');
  assert.is(details?.phase, 'backward');
  assert.is(details?.output.startsWith('d'), true);
});

/** A step of a small ResNet, whose parameter of that name has one bad value. */
async function resnet(parameter?: string) {
  const device = await createDevice();
  const model = new ResNetCifar(8).to(device, { seed: 1 });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const x = device.tensor(
    Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i)),
    [2, 3, 32, 32],
  );
  const labels = device.tensor(Uint32Array.of(1, 7));
  const [, bad] = model.namedParameters().find(([name]) => name === parameter) ?? [];
  if (bad) {
    const values = new Float32Array(bad.size).fill(0.1);
    values[3] = Number.POSITIVE_INFINITY;
    bad.write(values);
  }
  const step = () => {
    const loss = crossEntropy(model.call(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { device, model, optimizer, step };
}

test('a healthy training step has no anomaly', async () => {
  const { device, model, step } = await resnet();
  assert.is(await found(device, step, { model }), undefined);
});

test('a layer deep within a model is named, and its weight that was infinite', async () => {
  const name = 'layer2.0.conv2';
  const { device, model, step } = await resnet(`${name}.weight`);
  const details = await found(device, step, { model });
  assert.is(details?.layer, name);
  assert.is(details?.layerType, 'Conv2d');
  assert.is(details?.phase, 'forward');
  assert.is(details?.badInput, `${name}.weight`);
});

test('an update that breaks a parameter is named with it', async () => {
  const { device, model, optimizer, step } = await resnet();
  optimizer.paramGroups[0].lr = 1e39;
  const details = await found(device, step, { model });
  assert.is(details?.phase, 'update');
});

test('an infinity in float16 gradients is the scaler’s business unless asked for', async () => {
  const device = await createDevice();
  const half = (values: number[]) => device.tensor(values, [2], { dtype: 'float16' });
  const x = half([1e-3, 1]);
  x.requiresGrad = true;
  const big = half([1000, 1]);
  const backward = () => x.mul(big).sum().mul(1e4).backward(); // 1000 · 1e4 is no float16
  assert.is(await found(device, backward), undefined);
  assert.is((await found(device, backward, { float16Overflow: true }))?.phase, 'backward');
  // in a forward pass it is an anomaly always
  assert.is((await found(device, () => big.mul(big)))?.phase, 'forward');
});

test('a watch goes on after a check, and after a backward pass that failed', async () => {
  const device = await createDevice();
  using watch = watchAnomalies(device);
  using _ = device.scope();
  const x = device.tensor([1e30, 1]);
  x.requiresGrad = true;
  const loss = x.mul(x.detach().mul(0)).sum();
  assert.throws(() => {
    loss.backward();
    loss.backward();
  }, /second time/);
  await watch.check();
  x.mul(x);
  try {
    await watch.check();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, AnomalyError);
    assert.is((error as AnomalyError).details?.phase, 'forward');
  }
  await watch.check(); // what was told is forgotten
});

test('no step is captured meanwhile, nothing is watched twice, and nothing is left behind', async () => {
  const { device, model, step } = await resnet();
  const tensors = device.memory().tensors;
  const watch = watchAnomalies(device, { model });
  assert.throws(
    () => device.capture(step),
    (error: Error) => error instanceof CaptureError,
  );
  assert.throws(
    () => watchAnomalies(device),
    (error: Error) => error instanceof WgradError,
  );
  watch.dispose();
  assert.is(device.memory().tensors, tensors);
  device.capture(step).dispose();
});

test.run();

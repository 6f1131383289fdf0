// What a device is asked for directly: values in and out, a host application's GPUDevice, seeds, limits.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rand } from '../../engine/functional/random.ts';
import { createDevice } from '../../engine/node/createDevice.ts';

const device = await createDevice();

test('a tensor takes its dtype from a Uint32Array or Int32Array, and is float32 otherwise', async () => {
  using _scope = device.scope();
  const dtypes = [new Uint32Array([4]), new Int32Array([-4]), new Uint8Array([4]), [4]].map(
    (values) => device.tensor(values).dtype,
  );
  assert.equal(dtypes, ['uint32', 'int32', 'float32', 'float32']);
  assert.equal(await device.tensor(new Int32Array([-4, 5])).array(), [-4, 5]);
  assert.equal(await device.tensor(new Uint32Array([4e9])).array(), [4e9]);
});

test('values come back in logical order, whatever the order in memory', async () => {
  using _scope = device.scope();
  const values = Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => i);
  const images = device.tensor(values, [2, 3, 2, 2]); // channels-last
  const weights = device.tensor(values, [2, 3, 2, 2], { layout: 'convWeight' });
  assert.equal([...(await images.data())], values);
  assert.equal([...(await weights.data())], values);
  assert.equal(
    (await images.array()) as unknown,
    [0, 1].map((n) => [0, 1, 2].map((c) => [0, 1].map((h) => [0, 1].map((w) => ((n * 3 + c) * 2 + h) * 2 + w)))),
  );
});

test("a host application's own GPUDevice is taken as it is", async () => {
  const wrapped = await createDevice({ device: device.gpu });
  assert.is(wrapped.gpu, device.gpu);
  using _scope = wrapped.scope();
  assert.is(await wrapped.tensor([1, 2, 3]).sum().item(), 6);
});

test('limits are raised to the adapter: far beyond the 256 MiB that WebGPU guarantees', () => {
  assert.ok(device.gpu.limits.maxBufferSize > 256 * 2 ** 20);
});

test('one seed repeats random numbers, another gives others', async () => {
  using _scope = device.scope();
  const draw = (seed: number) => {
    device.manualSeed(seed);
    return rand(device, [16]).data();
  };
  const [first, again, other] = [await draw(3), await draw(3), await draw(4)];
  assert.equal(first, again);
  assert.not.equal(first, other);
});

test.run();

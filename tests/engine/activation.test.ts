// What the rooms' cases cannot say about activations: special values, defaults, options.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gelu, leakyRelu, relu, sigmoid, tanh } from '../../engine/functional/activation.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';

const device = await createDevice();
const test = suite('activation');

test('relu lets NaN through', async () => {
  using _scope = device.scope();
  const y = await relu(device.tensor([NaN, -1, 2])).data();
  assert.ok(Number.isNaN(y[0]));
  assert.equal([...y.slice(1)], [0, 2]);
});

test('leakyRelu has a slope of 0.01 unless told otherwise', async () => {
  using _scope = device.scope();
  const x = device.tensor([-100, 3]);
  assert.ok(Math.abs((await leakyRelu(x).data())[0] + 1) < 1e-6);
  assert.equal([...(await leakyRelu(x, { negativeSlope: 0.5 }).data())], [-50, 3]);
});

test('sigmoid and tanh saturate without NaN', async () => {
  using _scope = device.scope();
  const x = device.tensor([-3e38, -1e4, 1e4, 3e38]);
  assert.equal([...(await sigmoid(x).data())], [0, 0, 1, 1]);
  assert.equal([...(await tanh(x).data())], [-1, -1, 1, 1]);
  assert.equal([...(await gelu(x).data())].map(Math.abs), [0, 0, 1e4, Math.fround(3e38)]);
});

test('gelu refuses an approximation it does not know', () => {
  using _scope = device.scope();
  const options = { approximate: 'sigmoid' } as unknown as { approximate: 'tanh' };
  assert.throws(
    () => gelu(device.tensor([1]), options),
    (error: Error) => error instanceof ShapeError && /'none' or 'tanh', given 'sigmoid'/.test(error.message),
  );
});

test.run();

// A weight of 144 MiB, AlexNet's first linear layer, where bindings end at 128 MiB: launches are cut and nothing is lost.
// (tfjs and jax-js return zeros there: Dawn drops a submit whose binding is too large.)
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear, matmul } from '../../engine/functional/linear.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { uniformFrom } from '../../lab/inputs.ts';

const [rows, inFeatures, outFeatures] = [2, 9216, 4096];
const device = await createDevice({ bindingLimit: 128 * 2 ** 20 });
const x = values(rows * inFeatures, 1);
const weight = values(outFeatures * inFeatures, 2); // [out, in]
const bias = values(outFeatures, 3);
const dy = values(rows * outFeatures, 4);

test('linear with a 144 MiB weight equals the reference, forward and in all gradients', async () => {
  using _scope = device.scope();
  const tensors = {
    x: device.tensor(x, [rows, inFeatures]),
    weight: device.tensor(weight, [outFeatures, inFeatures], { layout: 'linearWeight' }),
    bias: device.tensor(bias, [outFeatures]),
  };
  for (const tensor of Object.values(tensors)) tensor.requiresGrad = true;
  const y = linear(tensors.x, tensors.weight, tensors.bias);
  y.backward(device.tensor(dy, [rows, outFeatures]));
  assert.ok(tensors.weight.size * 4 > device.bindingLimit);

  const output = await y.data();
  const dx = await tensors.x.grad!.data();
  const dweight = await tensors.weight.grad!.data();
  const dbias = await tensors.bias.grad!.data();
  for (const column of [0, 1, 2047, 2048, 3640, 3641, 4095]) {
    close(
      output[outFeatures + column],
      bias[column] + dot(inFeatures, (i) => x[inFeatures + i] * weight[column * inFeatures + i]),
    );
    close(
      dbias[column],
      dot(rows, (row) => dy[row * outFeatures + column]),
    );
  }
  for (const i of [0, 1, 4607, 4608, 8191, 8192, 9215]) {
    close(
      dx[inFeatures + i],
      dot(outFeatures, (out) => dy[outFeatures + out] * weight[out * inFeatures + i]),
    );
    for (const out of [0, 2048, 4095]) {
      close(
        dweight[out * inFeatures + i],
        dot(rows, (row) => dy[row * outFeatures + out] * x[row * inFeatures + i]),
      );
    }
  }
});

test('matmul with a 144 MiB right-hand side equals the reference, forward and in both gradients', async () => {
  using _scope = device.scope();
  const a = device.tensor(x, [rows, inFeatures]);
  const b = device.tensor(weight, [inFeatures, outFeatures]);
  a.requiresGrad = true;
  b.requiresGrad = true;
  const y = matmul(a, b);
  y.backward(device.tensor(dy, [rows, outFeatures]));
  const output = await y.data();
  const da = await a.grad!.data();
  const db = await b.grad!.data();
  for (const column of [0, 4095]) {
    close(
      output[outFeatures + column],
      dot(inFeatures, (i) => x[inFeatures + i] * weight[i * outFeatures + column]),
    );
  }
  for (const i of [0, 8191, 8192, 9215]) {
    close(
      da[i],
      dot(outFeatures, (out) => dy[out] * weight[i * outFeatures + out]),
    );
    close(
      db[i * outFeatures + 4095],
      dot(rows, (row) => x[row * inFeatures + i] * dy[row * outFeatures + 4095]),
    );
  }
});

test.run();

function values(count: number, seed: number): Float32Array {
  const uniform = uniformFrom(seed);
  return Float32Array.from({ length: count }, () => uniform() - 0.5);
}

function dot(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum;
}

/** Sums of thousands of terms of size 0.08: 1e-3 is 1e-4 of their typical size. */
function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-3, `${actual} should be ${expected}`);
}

// Reductions and losses through their public functions, and the work split that lavapipe alone would not choose.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../engine/apply.ts';
import { Device } from '../../engine/device.ts';
import { full, ones, zeros } from '../../engine/functional/creation.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { amax, argmax, logSoftmax, max, mean, softmax, sum } from '../../engine/functional/reduction.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { AutogradError, ShapeError } from '../../kernels/errors.ts';
import { registry } from '../../kernels/registry.ts';
import { reorder } from '../../kernels/reorder/reorder.ts';
import { checkOnGpu } from '../../lab/checkCase.ts';
import { drawFrom, uniformFrom } from '../../lab/inputs.ts';

const device = await createDevice();
const test = suite('reductions');
const rooms = registry.filter(({ operation }) => ['sum', 'mean', 'max', 'amax', 'argmax'].includes(operation.name));

test('sum, mean and amax take all dimensions, one, or several, and keep them on request', async () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3, 4, 5, 6], [1, 2, 3]);
  assert.equal(await sum(x).item(), 21);
  assert.equal(await sum(x, []).item(), 21);
  assert.equal(await sum(x, 1).array(), [[5, 7, 9]]);
  assert.equal(await mean(x, [0, -1]).array(), [2, 5]);
  assert.equal(await mean(x, -1, { keepDim: true }).array(), [[[2], [5]]]);
  assert.equal(await amax(x, [1, 2]).array(), [6]);
});

test('max gives values and indices along a dimension, a scalar without', async () => {
  using _scope = device.scope();
  const x = device.tensor([1, 9, 3, 7, 7, 6], [2, 3]);
  const { values, indices } = max(x, 1);
  assert.equal(await values.array(), [9, 7]);
  assert.equal(await indices.array(), [1, 0]);
  assert.is(indices.dtype, 'uint32');
  assert.equal(await max(x).item(), 9);
  assert.equal(await argmax(x).item(), 1);
  assert.equal(await argmax(x, 0, { keepDim: true }).array(), [[1, 0, 1]]);
});

test('equal maxima share the gradient of amax and of max without dim; max along a dimension gives it to the first', async () => {
  using _scope = device.scope();
  const gradientOf = async (largest: (x: Tensor) => Tensor) => {
    const x = device.tensor([0, 5, 5, 5, 1, 5, 5, 2], [1, 2, 2, 2]);
    x.requiresGrad = true;
    sum(largest(x)).backward();
    return Array.from(await x.grad!.data());
  };
  const shared = [0, 0.2, 0.2, 0.2, 0, 0.2, 0.2, 0].map(Math.fround);
  assert.equal(await gradientOf((x) => amax(x)), shared);
  assert.equal(await gradientOf((x) => max(x)), shared);
  assert.equal(await gradientOf((x) => amax(x, 1)), [0, 0.5, 0.5, 1, 1, 0.5, 0.5, 0]);
  assert.equal(await gradientOf((x) => max(x, 1).values), [0, 1, 1, 1, 1, 0, 0, 0]);
});

test('argmax is outside the graph', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3]);
  x.requiresGrad = true;
  assert.throws(
    () => argmax(x).backward(),
    (error: unknown) => error instanceof AutogradError,
  );
});

test('softmax rows sum to one and logSoftmax is its logarithm', async () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3, 1000, -1000, 0], [2, 3]);
  const y = await softmax(x, -1).data();
  for (const row of [y.slice(0, 3), y.slice(3)]) {
    const total = Array.from(row).reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(total - 1) < 1e-6, `a row sums to ${total}`);
  }
  assert.equal((await logSoftmax(x, 1).data())[4], -2000);
});

test('tensors in other physical orders reduce to the same', async () => {
  using _scope = device.scope();
  const x = device.tensor(
    Float32Array.from({ length: 210 }, (_, i) => (i * 37) % 101),
    [2, 3, 5, 7],
  );
  const turned = apply(reorder, { x }, { order: [3, 1, 0, 2] }).y;
  for (const dim of [0, 1, 2, 3, [0, 2], [1, 3], [0, 1, 2, 3]]) {
    assert.equal(await sum(turned, dim).data(), await sum(x, dim).data());
    assert.equal(await amax(turned, dim, { keepDim: true }).data(), await amax(x, dim, { keepDim: true }).data());
  }
  assert.equal(await argmax(turned).item(), await argmax(x).item());
});

test('zeros, ones and full', async () => {
  using _scope = device.scope();
  assert.equal(await zeros(device, [2, 2]).array(), [
    [0, 0],
    [0, 0],
  ]);
  assert.equal(await ones(device, []).item(), 1);
  assert.equal(await full(device, [3], -2.5).array(), [-2.5, -2.5, -2.5]);
});

test('the split of long reductions that a GPU gets gives the same', async () => {
  const gpu = new Device(device.gpu, { kind: 'gpu', adapterName: 'as if a GPU' });
  for (const room of rooms) {
    for (const [i, kase] of room.cases.cases.entries()) {
      if (!/workgroups/.test(kase.name)) await checkOnGpu(gpu, room, kase, i);
    }
    for (let i = 0; i < 40; i++) await checkOnGpu(gpu, room, room.cases.draw(drawFrom(uniformFrom(i))), i);
  }
});

test('long reductions cut into uneven pieces give the same', async () => {
  const small = await createDevice({ bindingLimit: 4096 });
  for (const room of rooms) {
    const several = { max: [{ dim: 0 }, { dim: 1 }], argmax: [{ dim: 0 }, { dim: 1 }, {}] }[room.operation.name] ?? [
      { dim: 0 },
      { dim: 1 },
      {},
      { dim: [0, 1] },
    ];
    for (const options of several) {
      for (const shape of [
        [7576, 1],
        [3763, 2],
        [90, 5, 3],
      ]) {
        await checkOnGpu(small, room, { inputs: { x: { shape } }, options, gradients: true }, 1);
      }
    }
  }
  small.destroy();
});

test('a sum repeats bit for bit', async () => {
  using _scope = device.scope();
  const x = device.tensor(Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i)));
  const first = await sum(x).data();
  for (let i = 0; i < 3; i++) assert.equal(await sum(x).data(), first);
});

test('crossEntropy of even logits is log of the classes', async () => {
  using _scope = device.scope();
  const loss = crossEntropy(zeros(device, [4, 10]), device.tensor([0, 3, 9, 5], [4], { dtype: 'uint32' }));
  assert.ok(Math.abs((await loss.item()) - Math.log(10)) < 1e-6);
});

test('what cannot be reduced is refused by name', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3, 4], [2, 2]);
  const refused = (run: () => unknown, words: RegExp) =>
    assert.throws(run, (error: unknown) => error instanceof ShapeError && words.test(error.message));
  refused(() => sum(x, 2), /sum: dim 2 does not exist \(x: \[2, 2\]; legal: -2 … 1\)/);
  refused(() => mean(x, [0, -2]), /mean: dimension 0 is named twice/);
  refused(() => argmax(x, 0.5), /argmax: dim 0.5/);
  refused(() => max(device.empty([0, 3]), 0), /max: x has no elements to reduce \(x: \[0, 3\]\)/);
  refused(() => softmax(x, -3), /softmax: dim -3/);
  refused(() => sum(device.empty([1, 1, 1, 1, 1, 1, 1])), /at most 6 dimensions/);
  refused(() => sum(device.tensor([1, 2], [2], { dtype: 'uint32' })), /sum: x must be float32/);
  refused(() => crossEntropy(x, x), /crossEntropy: labels must be uint32/);
  const labels = device.tensor([0, 1], [2], { dtype: 'uint32' });
  refused(() => crossEntropy(device.empty([3, 2]), labels), /labels must have shape \[3\]/);
  refused(() => crossEntropy(x, labels, { labelSmoothing: 2 }), /labelSmoothing must lie between 0 and 1, given 2/);
  refused(() => crossEntropy(x, labels, { weight: device.empty([3]) }), /weight must have shape \[2\]/);
});

test.run();

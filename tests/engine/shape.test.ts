// Views and their gradients, against plain arrays of indices.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add, mul } from '../../engine/functional/arithmetic.ts';
import { cat, flatten, pad, permute, reshape, squeeze, transpose, unsqueeze } from '../../engine/functional/shape.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';

const device = await createDevice();
const test = suite('shape');

const ramp = (size: number, start = 1) => Float32Array.from({ length: size }, (_, i) => start + i);

/** Dimensions of row-major values in another order, in plain loops. */
function permuted(values: ArrayLike<number>, shape: readonly number[], dims: readonly number[]): number[] {
  const result: number[] = [];
  const index = new Array<number>(shape.length).fill(0);
  const visit = (d: number): void => {
    if (d === dims.length) {
      result.push(values[shape.reduce((offset, extent, dim) => offset * extent + index[dim], 0)]);
      return;
    }
    for (index[dims[d]] = 0; index[dims[d]] < shape[dims[d]]; index[dims[d]]++) visit(d + 1);
  };
  visit(0);
  return result;
}

/** Values and gradient of a chain of views; `move` does the same to a plain array. */
async function check(
  shape: readonly number[],
  chain: (x: Tensor) => Tensor,
  move: (values: ArrayLike<number>) => ArrayLike<number>,
): Promise<void> {
  using _scope = device.scope();
  const x = device.tensor(ramp(sizeOf(shape)), shape);
  x.requiresGrad = true;
  const y = chain(x);
  assert.equal([...(await y.data())], [...Array.from(move(ramp(sizeOf(shape))))], 'values');
  const weight = ramp(y.size, 100);
  mul(y, device.tensor(weight, y.shape)).backward(device.tensor(new Float32Array(y.size).fill(1), y.shape));
  const expected = new Array<number>(y.size);
  Array.from(move(ramp(sizeOf(shape), 0))).forEach((from, to) => {
    expected[from] = weight[to];
  });
  assert.equal(x.grad!.shape, shape);
  assert.equal([...(await x.grad!.data())], expected, 'gradient');
}

test('flatten reads channels-last images in logical order', () =>
  check(
    [2, 3, 4, 5],
    (x) => flatten(x, 1),
    (values) => values,
  ));

test('reshape keeps row-major order through several ranks', () =>
  check(
    [2, 3, 4, 5],
    (x) => reshape(reshape(reshape(x, [6, -1]), [4, 5, 3, 2]), [-1]),
    (values) => values,
  ));

test('permute moves dimensions and its gradient moves them back', () =>
  check(
    [2, 3, 4, 5],
    (x) => permute(x, [3, -4, 2, 1]),
    (values) => permuted(values, [2, 3, 4, 5], [3, 0, 2, 1]),
  ));

test('transpose exchanges two dimensions', () =>
  check(
    [3, 5],
    (x) => transpose(x, 0, -1),
    (values) => permuted(values, [3, 5], [1, 0]),
  ));

test('a chain of permute, reshape, transpose and flatten equals plain loops', () =>
  check(
    [2, 3, 4, 5],
    (x) => flatten(transpose(reshape(permute(x, [0, 2, 3, 1]), [2, 20, 3]), 1, 2), 0, 1),
    (values) => permuted(permuted(values, [2, 3, 4, 5], [0, 2, 3, 1]), [2, 20, 3], [0, 2, 1]),
  ));

test('a permuted image meets an operation in its own order', () =>
  check(
    [2, 4, 3, 5],
    (x) => add(permute(x, [0, 1, 3, 2]), 0),
    (values) => permuted(values, [2, 4, 3, 5], [0, 1, 3, 2]),
  ));

test('squeeze and unsqueeze of channels-last images', () =>
  check(
    [2, 1, 3, 4],
    (x) => unsqueeze(squeeze(unsqueeze(squeeze(x), 0), 0), -1),
    (values) => values,
  ));

test('squeeze of one dimension leaves the others', () => {
  using _scope = device.scope();
  const x = device.tensor(ramp(3), [1, 3, 1]);
  assert.equal(squeeze(x, 0).shape, [3, 1]);
  assert.equal(squeeze(x, 1).shape, [1, 3, 1]);
  assert.equal(squeeze(x).shape, [3]);
  assert.equal(unsqueeze(x, 3).shape, [1, 3, 1, 1]);
  assert.equal(unsqueeze(device.tensor([1], []), 0).shape, [1]);
});

test('cat and pad of permuted images equal plain loops', async () => {
  using _scope = device.scope();
  const shape = [2, 3, 2, 4];
  const values = ramp(sizeOf(shape));
  const swapped = transpose(device.tensor(permuted(values, shape, [0, 1, 3, 2]), [2, 3, 4, 2]), 2, 3);
  const straight = device.tensor(values, shape);
  assert.is.not(String(swapped.order), String(straight.order), 'orders must differ for this test to mean anything');
  const joined = await cat([swapped, straight], 1).data();
  const expected = await cat([straight, straight], 1).data();
  assert.equal([...joined], [...expected]);
  assert.equal([...(await pad(swapped, [1, 0, 2, 1]).data())], [...(await pad(straight, [1, 0, 2, 1]).data())]);
});

test('gradients of cat reach tensors that lie in different orders', async () => {
  using _scope = device.scope();
  const shape = [2, 3, 2, 4];
  const a = device.tensor(ramp(48), [2, 3, 4, 2]);
  const b = device.tensor(ramp(48), shape);
  a.requiresGrad = b.requiresGrad = true;
  const y = cat([transpose(a, 2, 3), b], 2);
  const dy = ramp(y.size);
  y.backward(device.tensor(dy, y.shape));
  const part = (start: number) => dy.filter((_, i) => Math.floor(i / 8) % 2 === start);
  assert.equal([...(await a.grad!.data())], permuted(part(0), shape, [0, 1, 3, 2]));
  assert.equal([...(await b.grad!.data())], [...part(1)]);
});

test('views launch nothing and take no memory, forwards and backwards', () => {
  using _scope = device.scope();
  const x = device.tensor(ramp(24), [2, 3, 4]);
  x.requiresGrad = true;
  const y = add(x, 1);
  const before = { ...device.memory(), dispatches: device.recorder.dispatches };
  const z = unsqueeze(transpose(reshape(permute(y, [2, 0, 1]).detach(), [4, 6]), 0, 1), 0);
  const viewed = transpose(reshape(y, [6, 4]), 0, 1);
  assert.is(device.recorder.dispatches - before.dispatches, 1, 'only the reshape of permuted rows copies');
  const copied = 256; // the one copy, in the smallest size class
  assert.is(device.memory().bytes - before.bytes, copied);
  assert.is(z.size, viewed.size);
  const sum = mul(viewed, 2);
  const forward = device.recorder.dispatches;
  sum.backward(device.tensor(ramp(24), sum.shape));
  assert.is(device.recorder.dispatches - forward, 3, 'seed in the order of sum, mul, add; none for the two views');
});

test('the gradient a caller gives is neither kept nor changed', async () => {
  using _scope = device.scope();
  const x = device.tensor(ramp(6), [2, 3]);
  x.requiresGrad = true;
  const given = device.tensor(ramp(6), [6]);
  reshape(x, [6]).backward(given);
  reshape(x, [6]).backward(given);
  assert.equal([...(await x.grad!.data())], [2, 4, 6, 8, 10, 12]);
  assert.equal([...(await given.data())], [1, 2, 3, 4, 5, 6]);
});

test('a gradient kept by a view survives sums into its input', async () => {
  using _scope = device.scope();
  const x = device.tensor(ramp(4), [4]);
  x.requiresGrad = true;
  const y = mul(x, 1);
  const rows = reshape(y, [2, 2]);
  rows.retainGrad();
  const total = add(reshape(rows, [4]), mul(y, 10));
  total.backward(device.tensor([1, 1, 1, 1]));
  assert.equal([...(await rows.grad!.data())], [1, 1, 1, 1]);
  assert.equal([...(await x.grad!.data())], [11, 11, 11, 11]);
});

test('a view of a parameter delivers into the slot of an optimizer', async () => {
  using _scope = device.scope();
  const arena = device.tensor(new Float32Array(128), [128]);
  const x = device.tensor(ramp(6), [2, 3]);
  x.requiresGrad = true;
  x.gradSlot = { storage: arena.storage, byteOffset: 256 };
  mul(transpose(x, 0, 1), 3).backward(device.tensor(ramp(6), [3, 2]));
  assert.equal([...(await arena.data()).slice(64, 70)], [3, 9, 15, 6, 12, 18]);
});

test('views leave no memory behind', () => {
  const before = device.memory();
  device.tidy(() => {
    const x = device.tensor(ramp(24), [2, 3, 2, 2]);
    x.requiresGrad = true;
    const y = flatten(permute(mul(x, 2), [3, 2, 1, 0]), 1);
    y.backward(device.tensor(ramp(24), y.shape));
  });
  const after = device.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test('wrong shapes are told apart at the door', () => {
  using _scope = device.scope();
  const x = device.tensor(ramp(6), [2, 3]);
  const refuses = (run: () => unknown, message: RegExp) =>
    assert.throws(run, (error: Error) => error instanceof ShapeError && message.test(error.message));
  refuses(() => reshape(x, [4, -1]), /reshape: x \[2, 3\] has 6 elements, which shape \[4, -1\] does not hold/);
  refuses(() => reshape(x, [-1, -1]), /does not hold/);
  refuses(() => permute(x, [0, 0]), /permute: dims must name every dimension of x \[2, 3\] once/);
  refuses(() => transpose(x, 0, 2), /transpose: dim 2/);
  refuses(() => flatten(x, 1, 0), /flatten: startDim 1 comes after endDim 0/);
  refuses(() => cat([]), /cat: /);
  refuses(() => cat([x, device.tensor(ramp(4), [2, 2])]), /cat: x1 must be float32 and agree with x0/);
  refuses(() => pad(x, [3, 0], { mode: 'reflect' }), /pad: mode 'reflect' takes padding from 0 to 2/);
  refuses(() => pad(x, [-2, -1]), /pad: padding \[-2, -1\] leaves nothing/);
});

test.run();

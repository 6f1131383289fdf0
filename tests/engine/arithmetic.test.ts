// Arithmetic of tensors that lie differently in memory, which the rooms' cases cannot express, and with numbers.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add, div, mul, sub } from '../../engine/functional/arithmetic.ts';
import { permute, transpose } from '../../engine/functional/shape.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { type NdArray, ndarray } from '../../kernels/ndarray.ts';
import { registry } from '../../kernels/registry.ts';
import { assertClose } from '../../lab/compare.ts';

const device = await createDevice();
const test = suite('arithmetic');
const operations = { add, sub, mul, div };

const wave = (size: number, phase: number) =>
  Float32Array.from({ length: size }, (_, i) => 2 + Math.sin(i * 0.7 + phase));

/** A tensor of a shape whose physical order is the given one. */
function lying(values: NdArray, order: readonly number[]): Tensor {
  const { shape, data } = values;
  const inverse = shape.map((_, d) => order.indexOf(d));
  // written in order [0, 1, …] under permuted dimensions, then seen under its own
  const physical = order.map((d) => shape[d]);
  const rows = device.tensor(permutedValues(data, shape, order), physical, { layout: 'rowMajor' });
  return permute(rows, inverse).detach();
}

function permutedValues(values: ArrayLike<number>, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((product, extent) => product * extent, 1));
  return Float32Array.from({ length: values.length }, (_, i) => {
    let rest = i;
    let offset = 0;
    for (const d of [...order].reverse()) {
      offset += (rest % shape[d]) * strides[d];
      rest = Math.floor(rest / shape[d]);
    }
    return values[offset];
  });
}

const meetings: [name: string, x: number[], xOrder: number[], other: number[], otherOrder: number[]][] = [
  ['channels-last meets row-major', [2, 4, 3, 5], [0, 2, 3, 1], [2, 4, 3, 5], [0, 1, 2, 3]],
  ['row-major meets channels-last', [2, 4, 3, 8], [0, 1, 2, 3], [2, 4, 3, 8], [0, 2, 3, 1]],
  ['a transposed matrix and a bias', [12, 8], [1, 0], [8], [0]],
  ['a transposed matrix and a column', [12, 8], [1, 0], [12, 1], [0, 1]],
  ['a permuted image repeated over the batch', [3, 4, 2, 5], [3, 0, 2, 1], [4, 2, 5], [2, 0, 1]],
  ['neither has the full shape', [3, 1, 4], [2, 1, 0], [2, 1], [0, 1]],
  ['six dimensions upside down', [2, 3, 2, 2, 3, 2], [5, 4, 3, 2, 1, 0], [3, 1, 2, 1, 2], [2, 4, 0, 1, 3]],
  ['a long sum over transposed rows', [700, 6], [1, 0], [6], [0]],
];

for (const [name, run] of Object.entries(operations)) {
  for (const [meeting, xShape, xOrder, otherShape, otherOrder] of meetings) {
    test(`${name}: ${meeting}`, async () => {
      using _scope = device.scope();
      const { reference } = registry.find(({ operation }) => operation.name === name)!;
      const size = (shape: number[]) => shape.reduce((product, extent) => product * extent, 1);
      const inputs = {
        x: ndarray(xShape, wave(size(xShape), 0)),
        other: ndarray(otherShape, wave(size(otherShape), 1)),
      };
      const expected = reference.forward(inputs, {});
      const dy = ndarray(expected.y.shape, wave(expected.y.data.length, 2));
      const gradients = reference.backward!(inputs, expected, dy, {});
      const x = lying(inputs.x, xOrder);
      const other = lying(inputs.other, otherOrder);
      x.requiresGrad = other.requiresGrad = true;
      const y = run(x, other);
      y.backward(device.tensor(dy.data, dy.shape));
      for (const [what, actual, right] of [
        ['y', y, expected.y],
        ['dx', x.grad!, gradients.x],
        ['dother', other.grad!, gradients.other],
      ] as const) {
        assertClose(what, { shape: actual.shape, data: await actual.data() }, right);
      }
    });
  }
}

test('the result lies as the operand of its full shape does', () => {
  using _scope = device.scope();
  const wide = transpose(device.tensor(wave(12, 0), [3, 4]), 0, 1);
  assert.equal(add(wide, device.tensor([1, 2, 3])).order, [1, 0]);
  assert.equal(add(device.tensor([1, 2, 3]), wide).order, [1, 0]);
  assert.equal(add(wide, device.tensor(wave(12, 0), [4, 3])).order, [1, 0]);
});

test('a number is one launch, with its gradient', async () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 4], [3]);
  x.requiresGrad = true;
  const before = device.recorder.dispatches;
  const results = [add(x, 3), sub(x, 3), mul(x, 3), div(x, 4)];
  assert.is(device.recorder.dispatches - before, 4);
  const values = await Promise.all(results.map((y) => y.data()));
  assert.equal(
    values.map((y) => [...y]),
    [
      [4, 5, 7],
      [-2, -1, 1],
      [3, 6, 12],
      [0.25, 0.5, 1],
    ],
  );
  results.forEach((y) => {
    y.backward(device.tensor([1, 10, 100]));
  });
  assert.equal([...(await x.grad!.data())], [5.25, 52.5, 525]);
});

test('an operand used twice gets both gradients', async () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3]);
  x.requiresGrad = true;
  mul(x, x).backward(device.tensor([1, 1, 1]));
  assert.equal([...(await x.grad!.data())], [2, 4, 6]);
});

test('an operand without a gradient costs no launch backwards', () => {
  using _scope = device.scope();
  const x = device.tensor(wave(12, 0), [3, 4]);
  const bias = device.tensor(wave(4, 0));
  const dy = device.tensor(wave(12, 0), [3, 4]);
  x.requiresGrad = true;
  const count = () => {
    const y = add(x, bias);
    const before = device.recorder.dispatches;
    x.grad = null;
    y.backward(dy);
    return device.recorder.dispatches - before;
  };
  assert.is(count(), 1);
  bias.requiresGrad = true;
  assert.is(count(), 2);
});

test('a split sum repeats bit for bit', async () => {
  const sums: number[][] = [];
  for (let round = 0; round < 2; round++) {
    using _scope = device.scope();
    const bias = device.tensor(wave(6, 0));
    bias.requiresGrad = true;
    add(device.tensor(wave(60000, 1), [10000, 6]), bias).backward(device.tensor(wave(60000, 2), [10000, 6]));
    sums.push([...(await bias.grad!.data())]);
  }
  assert.equal(sums[0], sums[1]);
});

test('an empty batch gives zeros for gradients', async () => {
  using _scope = device.scope();
  const bias = device.tensor([1, 2, 3]);
  bias.requiresGrad = true;
  const y = add(device.tensor([], [0, 3]), bias);
  assert.equal(y.shape, [0, 3]);
  y.backward(device.tensor([], [0, 3]));
  assert.equal([...(await bias.grad!.data())], [0, 0, 0]);
});

test('shapes that do not broadcast are named', () => {
  using _scope = device.scope();
  const x = device.tensor(wave(6, 0), [2, 3]);
  assert.throws(
    () => add(x, device.tensor(wave(4, 0))),
    (error: Error) =>
      error instanceof ShapeError &&
      /add: x \[2, 3\] and other \[4\] do not broadcast: dimension -1 is 3 in x and 4 in other/.test(error.message),
  );
});

test.run();

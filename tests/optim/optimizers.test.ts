// Every optimizer against PyTorch's parameters over several steps (tests/fixtures/optimizers.py), and what arenas add:
// one dispatch, skipped parameters, replaced gradients, resuming, clipping.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { relu } from '../../engine/functional/activation.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, AdamW, clipGradNorm, clipGradValue, type Optimizer, RMSprop, SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { DisposedError, ShapeError } from '../../kernels/errors.ts';
import { ndarray } from '../../kernels/ndarray.ts';
import { assertClose } from '../../lab/compare.ts';
import { LeNet5 } from '../../models/lenet.ts';

interface Fixture {
  shapes: number[][];
  start: number[][];
  /** By step and parameter. */
  gradients: number[][][];
  cases: { type: keyof typeof classes; options: { lr: number }; gaps: boolean; expected: number[][][] }[];
  clipped: { maxNorm: number; norm: number; gradients: number[][] }[];
}

/** float32 against float32: a few roundings a step, seven steps. */
const TOLERANCE = 2e-6;
const classes = { SGD, Adam, AdamW, RMSprop };
const { shapes, start, gradients, cases, clipped } = JSON.parse(
  readFileSync(new URL('../fixtures/optimizers.json', import.meta.url), 'utf8'),
) as Fixture;
const device = await createDevice();
const test = suite('optimizers');

for (const { type, options, gaps, expected } of cases) {
  test(`${type} ${JSON.stringify(options)} gives PyTorch's parameters${gaps ? ', a parameter joining late' : ''}`, async () => {
    const parameters = leaves();
    const optimizer = new classes[type](parameters, options);
    for (let step = 0; step < expected.length; step++) {
      setGradients(parameters, step, (i) => gaps && i === 1 && step < 2);
      optimizer.step();
      await assertValues(parameters, expected[step]);
    }
    release(optimizer, parameters);
  });
}

test('one step is one dispatch, whatever the number of parameters', () => {
  const parameters = leaves();
  const optimizer = new Adam(parameters);
  setGradients(parameters, 0);
  optimizer.step(); // makes the states
  setGradients(parameters, 1);
  const before = device.recorder.dispatches;
  optimizer.step();
  assert.is(device.recorder.dispatches - before, 1);
  release(optimizer, parameters);
});

test('a parameter without a gradient splits the step in two and keeps its bytes', async () => {
  const parameters = leaves();
  const optimizer = new SGD(parameters, { lr: 0.1, weightDecay: 0.5 });
  setGradients(parameters, 0, (i) => i === 1);
  const before = device.recorder.dispatches;
  optimizer.step();
  assert.is(device.recorder.dispatches - before, 2);
  assert.equal([...(await parameters[1].data())], [...Float32Array.from(start[1])]);
  release(optimizer, parameters);
});

test('groups keep options of their own', async () => {
  const parameters = leaves();
  const optimizer = new SGD([{ params: parameters.slice(0, 1) }, { params: parameters.slice(1), lr: 0 }], { lr: 0.1 });
  setGradients(parameters, 0);
  optimizer.step();
  await assertValues(parameters, [start[0].map((value, i) => value - 0.1 * gradients[0][0][i]), start[1], start[2]]);
  release(optimizer, parameters);
});

test('backward writes gradients straight into the arena', async () => {
  const parameters = leaves();
  const optimizer = new SGD(parameters, { lr: 1 });
  const dy = parameters.map(({ shape }, i) => device.tensor(gradients[0][i], shape));
  const rectified = parameters.map((parameter) => relu(parameter));
  for (const [i, y] of rectified.entries()) y.backward(dy[i]);
  for (const { grad, gradSlot } of parameters) {
    assert.is(grad!.storage, gradSlot!.storage);
    assert.is(grad!.byteOffset, gradSlot!.byteOffset);
  }
  optimizer.step();
  const masked = start.map((values, i) => values.map((value, j) => (value > 0 ? gradients[0][i][j] : 0)));
  await assertValues(
    parameters,
    start.map((values, i) => values.map((value, j) => value - masked[i][j])),
  );
  for (const tensor of [...dy, ...rectified]) tensor.dispose();
  release(optimizer, parameters);
});

test('a gradient that a hook replaced is the one that counts', async () => {
  const parameters = leaves();
  const optimizer = new SGD(parameters, { lr: 1 });
  const replacement = device.tensor(new Float32Array(15).fill(0.25), shapes[0]);
  parameters[0].registerHook(() => replacement);
  const y = relu(parameters[0]);
  const dy = device.tensor(gradients[0][0], shapes[0]);
  y.backward(dy);
  optimizer.step();
  await assertValues(parameters, [start[0].map((value) => value - 0.25), start[1], start[2]]);
  for (const tensor of [y, dy, replacement]) tensor.dispose();
  release(optimizer, parameters);
});

test('a gradient in another physical order is put in order', async () => {
  const parameters = leaves();
  const optimizer = new SGD(parameters, { lr: 0.1 });
  setGradients(parameters, 0);
  parameters[2].grad!.dispose();
  parameters[2].grad = device.tensor(gradients[0][2], shapes[2], { layout: 'rowMajor' });
  optimizer.step();
  await assertValues(parameters, cases[0].expected[0]);
  release(optimizer, parameters);
});

test('a model trains: LeNet-5 learns a batch by heart, twice to the same bytes', async () => {
  const weights: number[][] = [];
  for (let run = 0; run < 2; run++) {
    const model = new LeNet5().to(device, { seed: 7 });
    const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
    const images = device.tensor(
      Float32Array.from({ length: 4 * 784 }, (_, i) => Math.sin(i * i)),
      [4, 1, 28, 28],
    );
    const labels = device.tensor([3, 1, 4, 1], [4], { dtype: 'uint32' });
    const losses: number[] = [];
    for (let step = 0; step < 12; step++) {
      using _step = device.scope();
      optimizer.zeroGrad();
      const loss = crossEntropy(model.call(images), labels);
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
    }
    assert.ok(losses[0] > 2 && losses[11] < 0.5 * losses[0], losses.join(', '));
    weights.push(await bytes(model.conv1.weight), await bytes(model.fc3.bias!));
    for (const owned of [optimizer, model, images, labels]) owned.dispose();
  }
  assert.equal(weights.slice(2), weights.slice(0, 2));
});

for (const Kind of [SGD, Adam, RMSprop]) {
  test(`${Kind.name} resumes from its state to the same bytes`, async () => {
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 };
    const through = leaves();
    const uninterrupted = new Kind(through, options);
    for (const step of [0, 1, 2, 3, 4]) run(uninterrupted, through, step);

    const first = leaves();
    const interrupted = new Kind(first, options);
    for (const step of [0, 1, 2]) run(interrupted, first, step);
    const saved = await interrupted.stateDict();
    const second = leaves(await Promise.all(first.map(async (parameter) => [...(await parameter.data())])));
    const resumed = new Kind(second, { lr: 1 });
    resumed.loadStateDict({ ...JSON.parse(JSON.stringify({ ...saved, tensors: [] })), tensors: saved.tensors });
    for (const step of [3, 4]) run(resumed, second, step);

    for (const [i, parameter] of through.entries()) {
      assert.equal(await bytes(second[i]), await bytes(parameter));
    }
    release(uninterrupted, through);
    release(interrupted, first);
    release(resumed, second);
  });
}

test('loading a state of other shapes changes nothing and names the key', async () => {
  const parameters = leaves();
  const optimizer = new SGD(parameters, { lr: 0.1, momentum: 0.9 });
  run(optimizer, parameters, 0);
  const state = await optimizer.stateDict();
  state.tensors.set('1.momentum_buffer', { dtype: 'float32', shape: [8], data: new Float32Array(8) });
  const before = await optimizer.stateDict();
  assert.throws(
    () => optimizer.loadStateDict(state),
    (error: Error) => /'1.momentum_buffer' has shape \[8\]/.test(error.message),
  );
  assert.equal(await optimizer.stateDict(), before);
  release(optimizer, parameters);
});

test('a later optimizer takes the parameters over, and the earlier one says so', async () => {
  const parameters = leaves();
  const first = new SGD(parameters, { lr: 0.1 });
  run(first, parameters, 0);
  const second = new SGD(parameters, { lr: 0.1 });
  run(second, parameters, 1);
  await assertValues(parameters, cases[0].expected[1]);
  assert.throws(
    () => first.step(),
    (error: Error) => error instanceof DisposedError && /later optimizer/.test(error.message),
  );
  first.dispose();
  run(second, parameters, 2);
  await assertValues(parameters, cases[0].expected[2]);
  release(second, parameters);
});

test('disposing of the earlier optimizer leaves the later one its gradients', async () => {
  const parameters = leaves();
  const first = new SGD(parameters, { lr: 0.1 });
  const second = new SGD(parameters, { lr: 0.1 });
  setGradients(parameters, 0);
  first.dispose();
  second.step();
  await assertValues(parameters, cases[0].expected[0]);
  release(second, parameters);
  second.dispose(); // again: nothing happens
  assert.throws(
    () => second.step(),
    (error: Error) => error instanceof DisposedError && /this optimizer was disposed/.test(error.message),
  );
});

test('loading the state of a fresh optimizer makes a used one fresh', async () => {
  const [used, fresh] = [leaves(), leaves()];
  const optimizer = new Adam(used);
  const state = await optimizer.stateDict();
  for (let step = 0; step < 3; step++) run(optimizer, used, step);
  optimizer.loadStateDict(state);
  for (const [i, parameter] of used.entries()) parameter.write(start[i]);
  run(optimizer, used, 0);
  const other = new Adam(fresh);
  run(other, fresh, 0);
  for (const [i, parameter] of used.entries()) assert.equal(await bytes(parameter), await bytes(fresh[i]));
  release(optimizer, used);
  release(other, fresh);
});

test('loading options out of range changes nothing', async () => {
  const parameters = leaves();
  const optimizer = new SGD(parameters, { lr: 0.1 });
  const state = await optimizer.stateDict();
  state.paramGroups[0].lr = Number.NaN;
  assert.throws(() => optimizer.loadStateDict(state), /SGD: lr must be at least 0, given NaN/);
  assert.is(optimizer.paramGroups[0].lr, 0.1);
  release(optimizer, parameters);
});

test("a gradient may be another parameter's, and a parameter may have no elements", async () => {
  const parameters = [device.tensor([]), device.tensor([1, 2]), device.tensor([3, 4])];
  const optimizer = new SGD(parameters, { lr: 1 });
  for (const parameter of parameters) parameter.requiresGrad = true;
  {
    using _step = device.scope();
    parameters[2].sum().backward();
  }
  parameters[1].grad = parameters[2].grad;
  optimizer.step();
  assert.equal([...(await parameters[1].data())], [0, 1]);
  assert.equal([...(await parameters[2].data())], [2, 3]);
  release(optimizer, parameters);
});

test('a parameter used twice in one graph gets the sum in its arena', async () => {
  const weight = device.tensor([1, 2, 3, 4], [2, 2]);
  weight.requiresGrad = true;
  const optimizer = new SGD([weight], { lr: 1 });
  {
    using _step = device.scope();
    weight.matmul(weight).sum().backward();
    assert.equal([...(await weight.grad!.data())], [7, 11, 9, 13]);
    weight.flatten().mul(weight.transpose(0, 1).flatten()).sum().backward(); // w_ij * w_ji, and accumulation
  }
  assert.equal([...(await weight.grad!.data())], [9, 17, 13, 21]);
  release(optimizer, [weight]);
});

test('bad options and parameters are refused', () => {
  const parameters = leaves();
  for (const make of [
    () => new SGD(parameters, { lr: -1 }),
    () => new SGD(parameters, { lr: 1, nesterov: true }),
    () => new Adam(parameters, { betas: [0.9, 1] }),
    () => new SGD([], { lr: 1 }),
    () => new SGD([parameters[0], parameters[0]], { lr: 1 }),
  ]) {
    assert.throws(make, (error: Error) => error instanceof ShapeError);
  }
  for (const parameter of parameters) parameter.dispose();
});

test('memory returns to its baseline, and 100 steps need no more than two', () => {
  const before = device.memory();
  const parameters = leaves();
  const optimizer = new Adam(parameters);
  run(optimizer, parameters, 0);
  run(optimizer, parameters, 1);
  const early = device.memory();
  for (let step = 2; step < 102; step++) run(optimizer, parameters, step % 7);
  assert.equal(device.memory(), early);
  release(optimizer, parameters);
  const { tensors, bytes } = device.memory();
  assert.equal({ tensors, bytes }, { tensors: before.tensors, bytes: before.bytes });
});

for (const { maxNorm, norm, gradients: expected } of clipped) {
  for (const inArena of [false, true]) {
    test(`clipGradNorm to ${maxNorm} gives PyTorch's gradients${inArena ? ', in an arena' : ''}`, async () => {
      const parameters = leaves();
      const optimizer = inArena ? new SGD(parameters, { lr: 1 }) : undefined;
      setGradients(parameters, 0);
      const total = clipGradNorm(parameters, maxNorm);
      assertClose('norm', { shape: total.shape, data: await total.data() }, ndarray([], [norm]), TOLERANCE);
      total.dispose();
      await assertValues(
        parameters.map(({ grad }) => grad!),
        expected,
      );
      if (optimizer) release(optimizer, parameters);
      else for (const parameter of parameters) parameter.dispose();
    });
  }
}

test('clipGradValue clamps', async () => {
  const parameters = leaves();
  setGradients(parameters, 0);
  clipGradValue(parameters, 0.5);
  await assertValues(
    parameters.map(({ grad }) => grad!),
    gradients[0].map((values) => values.map((value) => Math.max(-0.5, Math.min(0.5, value)))),
  );
  for (const parameter of parameters) parameter.dispose();
});

function leaves(values = start): Tensor[] {
  return shapes.map((shape, i) => {
    const leaf = device.tensor(values[i], shape);
    leaf.requiresGrad = true;
    return leaf;
  });
}

function setGradients(parameters: readonly Tensor[], step: number, skipped = (_: number) => false): void {
  for (const [i, parameter] of parameters.entries()) {
    parameter.grad?.dispose();
    parameter.grad = skipped(i) ? null : device.tensor(gradients[step][i], shapes[i]);
  }
}

function run(optimizer: Pick<Optimizer<{ lr: number }>, 'step'>, parameters: readonly Tensor[], step: number): void {
  setGradients(parameters, step);
  optimizer.step();
}

async function assertValues(tensors: readonly Tensor[], expected: readonly number[][]): Promise<void> {
  for (const [i, tensor] of tensors.entries()) {
    const actual = { shape: tensor.shape, data: await tensor.data() };
    assertClose(`parameter ${i}`, actual, ndarray(shapes[i], expected[i]), TOLERANCE);
  }
}

async function bytes(tensor: Tensor): Promise<number[]> {
  return [...new Uint8Array((await tensor.data()).buffer)];
}

function release(optimizer: { dispose(): void }, parameters: readonly Tensor[]): void {
  optimizer.dispose();
  for (const parameter of parameters) parameter.dispose();
}

test.run();

// Batch norm, residual sum and ReLU run as one operation, and show themselves as three to whoever looks.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batchNorm2d } from '../../engine/functional/normalization.ts';
import { GELU } from '../../engine/nn/activations.ts';
import { BatchNorm2d, Identity, type Module, ReLU, Sequential, trace } from '../../engine/nn/index.ts';
import { normRelu } from '../../engine/nn/normRelu.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { BasicBlock } from '../../models/resnet.ts';

const device = await createDevice();
const test = suite('batch norm with ReLU');
const shape = [2, 8, 5, 5];
const wave = (phase: number) => Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * 0.7 + phase));

/** The results of a run forward and backward: the output, then every gradient and statistic. */
async function run(look: (module: Module) => void, { residual = true } = {}): Promise<Float32Array[]> {
  using _scope = device.scope();
  const model = new Sequential(new BatchNorm2d(8), new ReLU()).to(device);
  look(model);
  const [norm, relu] = [model[0] as BatchNorm2d, model[1]];
  const x = device.tensor(wave(0), shape);
  const shortcut = device.tensor(wave(1), shape);
  for (const input of [x, shortcut]) input.requiresGrad = true;
  const y = residual ? normRelu(norm, x, { relu, residual: () => shortcut }) : model.call(x);
  y.backward(device.tensor(wave(2), shape));
  const results = [y, x.grad, norm.weight?.grad, norm.bias?.grad, norm.runningMean, norm.runningVar];
  if (residual) results.push(shortcut.grad);
  const values = await Promise.all(results.map((tensor) => tensor!.data() as Promise<Float32Array>));
  model.dispose();
  return values;
}

async function dispatchesOf(fn: () => Promise<unknown>): Promise<number> {
  const before = device.recorder.dispatches;
  await fn();
  return device.recorder.dispatches - before;
}

const hooked = (model: Module) => void model.getSubmodule('1').registerForwardHook(() => undefined);

for (const residual of [true, false]) {
  test(`gives what the modules give one by one, ${residual ? 'with' : 'without'} a residual`, async () => {
    const together = await run(() => {}, { residual });
    const apart = await run(hooked, { residual });
    for (const [i, values] of together.entries()) {
      for (const [j, value] of values.entries()) {
        assert.ok(Math.abs(value - apart[i][j]) <= 1e-6, `result ${i}, element ${j}: ${value}, apart ${apart[i][j]}`);
      }
    }
  });

  test(`takes fewer dispatches than the modules, ${residual ? 'with' : 'without'} a residual`, async () => {
    const together = await dispatchesOf(() => run(() => {}, { residual }));
    const apart = await dispatchesOf(() => run(hooked, { residual }));
    assert.is(apart - together, residual ? 5 : 2); // relu and its gradient; add and its two
  });
}

test('a hook on either module sees its own input and output', () => {
  using _scope = device.scope();
  const x = device.tensor(wave(0), shape);
  for (const name of ['0', '1']) {
    const model = new Sequential(new BatchNorm2d(8), new ReLU()).to(device);
    let seen = 0;
    model.getSubmodule(name).registerForwardHook(() => void seen++);
    model.call(x);
    assert.is(seen, 1);
    model.dispose();
  }
});

test('passive hooks run with the modules still together', () => {
  using _scope = device.scope();
  const model = new Sequential(new BatchNorm2d(8), new ReLU()).to(device);
  const x = device.tensor(wave(0), shape);
  const entered: string[] = [];
  const count = () => {
    const before = device.recorder.dispatches;
    model.call(x);
    return device.recorder.dispatches - before;
  };
  const alone = count();
  for (const [name, module] of model.namedChildren()) {
    module.registerForwardPreHook(() => void entered.push(name), { passive: true });
  }
  assert.is(count(), alone);
  assert.equal(entered, ['0']);
  model.dispose();
});

test('a module put in the place of the ReLU, or a subclass, is what runs', async () => {
  using _scope = device.scope();
  class Halved extends ReLU {
    protected override forward(x: Parameters<ReLU['call']>[0]) {
      return super.forward(x).mul(0.5);
    }
  }
  const x = device.tensor(wave(0), shape);
  const norm = new BatchNorm2d(8).to(device);
  const rectified = await normRelu(norm, x).data();
  const halved = await normRelu(norm, x, { relu: new Halved() }).data();
  assert.ok(rectified.some((value) => value > 0));
  for (const [i, value] of halved.entries()) assert.ok(Math.abs(value - rectified[i] / 2) < 1e-6);
  const gelu = await normRelu(norm, x, { relu: new GELU() }).data();
  assert.ok(gelu.some((value) => value < 0));
  const plain = await normRelu(new Identity(), x).data();
  assert.equal(
    plain,
    (await x.data()).map((value) => Math.max(value, 0)),
  );
  norm.dispose();
});

test('a residual of another shape is refused by name', () => {
  using _scope = device.scope();
  const x = device.tensor(wave(0), shape);
  const residual = device.tensor(wave(0), [2, 8, 25, 1]);
  assert.throws(
    () => batchNorm2d(x, { training: true, residual }),
    /batchNorm2d: residual must have the shape of x, given \[2, 8, 25, 1\] \(x: \[2, 8, 5, 5\]\)/,
  );
});

test('a residual block runs as fused, and is traced operation by operation', () => {
  const operations = trace(new BasicBlock(8, 16, 2), [8, 6, 6]).nodes.map(({ operation, module }) => [
    operation,
    module,
  ]);
  assert.equal(operations, [
    ['input', ''],
    ['conv2d', 'conv1'],
    ['batchNorm2d', 'bn1'],
    ['relu', 'relu'],
    ['conv2d', 'conv2'],
    ['batchNorm2d', 'bn2'],
    ['conv2d', 'downsample.0'],
    ['batchNorm2d', 'downsample.1'],
    ['add', ''],
    ['relu', 'relu'],
  ]);
});

test.run();

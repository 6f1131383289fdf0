// Activation checkpointing: less memory between forward and backward, the same bits everywhere.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { watchAnomalies } from '../../engine/anomaly/index.ts';
import type { Device } from '../../engine/device.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import {
  BatchNorm2d,
  Conv2d,
  checkpoint,
  checkpointSequential,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  recomputed,
  Sequential,
} from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, GradScaler } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { AutogradError, ShapeError } from '../../kernels/errors.ts';

const test = suite('activation checkpointing');

let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => device.destroy());
test.after.each(() => assert.is(device.memory().tensors, 0));

const images = Float32Array.from({ length: 6 * 2 * 12 * 12 }, (_, i) => Math.sin(i * 12.9898) * 0.9);
const labels = Uint32Array.from([0, 3, 1, 2, 3, 0]);

function block(from: number, to: number): Sequential {
  return new Sequential(new Conv2d(from, to, 3, { padding: 1 }), new BatchNorm2d(to), new ReLU(), new Dropout(0.3));
}

function net(): Sequential {
  return new Sequential(
    block(2, 8),
    block(8, 8),
    new MaxPool2d(2),
    block(8, 12),
    new Flatten(),
    new Linear(12 * 6 * 6, 4),
  );
}

interface Ended {
  losses: number[];
  weights: StateDict;
  gradients: Float32Array[];
  random: { seed: number; counter: number };
  /** Bytes in use between forward and backward, in the last step. */
  between: number;
}

interface Way {
  mark?: (model: Sequential) => void;
  run?: (model: Sequential, x: Tensor) => Tensor;
  isCaptured?: boolean;
  isHalf?: boolean;
}

async function trained({ mark, run = (model, x) => model.call(x), isCaptured, isHalf }: Way = {}): Promise<Ended> {
  device.manualSeed(11);
  const model = net().to(device, { seed: 3 });
  mark?.(model);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const scaler = isHalf ? new GradScaler({ initScale: 256 }) : undefined;
  const x = device.tensor(images, [6, 2, 12, 12]);
  const target = device.tensor(labels);
  let between = 0;
  const step = () => {
    const forward = () => crossEntropy(run(model, x), target);
    const loss = isHalf ? device.autocast(forward) : forward();
    between = device.memory().bytes;
    optimizer.zeroGrad();
    (scaler ? scaler.scale(loss) : loss).backward();
    if (scaler) scaler.unscale(optimizer);
    else optimizer.step();
    return loss;
  };
  const losses: number[] = [];
  const captured = isCaptured ? device.capture(step) : undefined;
  for (let i = 0; i < 3; i++) {
    using _ = device.scope();
    if (captured && i > 0) captured.replay();
    const loss = captured ? captured.result : step();
    if (scaler) {
      await scaler.step(optimizer);
      scaler.update();
    }
    losses.push(await loss.item());
  }
  const gradients: Float32Array[] = [];
  for (const { grad } of model.parameters()) gradients.push((await grad!.data()) as Float32Array);
  const weights = await model.stateDict();
  const { seed, counter } = device.random;
  captured?.dispose();
  optimizer.dispose();
  scaler?.dispose();
  for (const tensor of [x, target]) tensor.dispose();
  model.dispose();
  return { losses, weights, gradients, random: { seed, counter }, between };
}

function assertSame(found: Ended, expected: Ended): void {
  assert.equal(found.losses, expected.losses);
  assert.equal(found.gradients, expected.gradients);
  assert.equal([...found.weights.keys()], [...expected.weights.keys()]);
  for (const [name, { data }] of expected.weights) assert.equal(found.weights.get(name)!.data, data, name);
  assert.equal(found.random, expected.random);
}

const markBlocks = (model: Sequential) => {
  for (const i of [0, 1, 3]) checkpoint(model[i]);
};

test('losses, gradients, weights, running statistics and random state are the same bits, in less memory', async () => {
  const plain = await trained();
  const marked = await trained({ mark: markBlocks });
  assertSame(marked, plain);
  assert.equal([...marked.weights.get('0.1.num_batches_tracked')!.data].map(Number), [3]);
  // of each block: what conv, norm with rectifier and dropout keep, but for the block's own input
  const activations = 4 * 6 * (8 * 144 + 8 * 144 + 12 * 36);
  assert.ok(marked.between < plain.between - activations, `${marked.between} and ${plain.between} bytes`);
});

test('the same in a captured step, and in float16 with loss scaling', async () => {
  for (const way of [{ isCaptured: true }, { isHalf: true }, { isCaptured: true, isHalf: true }]) {
    assertSame(await trained({ ...way, mark: markBlocks }), await trained(way));
  }
});

test('a checkpoint within a checkpoint, and of the whole model', async () => {
  const plain = await trained();
  const mark = (model: Sequential) => {
    checkpoint(model);
    checkpoint(model[1]);
    checkpoint(model[1].getSubmodule('0'));
  };
  assertSame(await trained({ mark }), plain);
});

test('checkpointSequential runs so many segments', async () => {
  const plain = await trained();
  for (const segments of [1, 2, 3, 6]) {
    assertSame(await trained({ run: (model, x) => checkpointSequential(model, segments, x) }), plain);
  }
  using _ = device.scope();
  const model = net();
  for (const segments of [0, 7, 1.5]) {
    assert.throws(
      () => checkpointSequential(model, segments, device.empty([1])),
      (error: Error) => error instanceof ShapeError && error.message.includes(`6 layers, given ${segments}`),
    );
  }
});

test('gradients reach inputs, several of them, in any physical order, and those that are not used', async () => {
  const gradientsOf = async (run: (fn: (...x: Tensor[]) => Tensor, inputs: Tensor[]) => Tensor) => {
    using _ = device.scope();
    const leaves = [1, 2, 3].map((seed) => {
      const values = Array.from({ length: 24 }, (_, i) => Math.cos(i * seed));
      const leaf = device.tensor(values, [1, 2, 3, 4], { layout: seed === 2 ? 'rowMajor' : 'any' });
      leaf.requiresGrad = true;
      return leaf;
    });
    const y = run((a, b) => a.mul(b).relu().add(a), [leaves[0].mul(2), leaves[1], leaves[2]]);
    y.mul(y).sum().backward();
    const found = [];
    for (const { grad } of leaves) found.push(grad && [...(await grad.data())]);
    for (const leaf of leaves) leaf.grad = null;
    return found;
  };
  const plain = await gradientsOf((fn, inputs) => fn(...inputs));
  const again = await gradientsOf(recomputed);
  assert.equal(again.slice(0, 2), plain.slice(0, 2));
  assert.ok(again[2] === null || again[2].every((value) => value === 0));
});

test('a weight inside and outside, and a module used twice, get the sum of their gradients', async () => {
  const gradientOf = async (isMarked: boolean) => {
    const layer = new Linear(3, 3).to(device, { seed: 1 });
    const inner = new Sequential(layer, new ReLU(), layer);
    if (isMarked) checkpoint(inner);
    const optimizer = new Adam(layer.parameters(), { lr: 0.01 });
    using _ = device.scope();
    const x = device.tensor([1, -2, 3, 0.5, 0.25, -1], [2, 3]);
    for (let i = 0; i < 2; i++) {
      optimizer.zeroGrad();
      layer
        .call(inner.call(inner.call(layer.call(x))))
        .sum()
        .backward();
      optimizer.step();
    }
    const found = [...(await layer.weight.grad!.data()), ...(await layer.weight.data())];
    optimizer.dispose();
    layer.dispose();
    return found;
  };
  const [plain, marked] = [await gradientOf(false), await gradientOf(true)];
  for (const [i, value] of plain.entries()) {
    // the same terms, summed in another order
    assert.ok(Math.abs(marked[i] - value) < 1e-5 * Math.max(1, Math.abs(value)), `${i}: ${marked[i]} and ${value}`);
  }
});

test('without gradients it is the plain forward pass', async () => {
  const model = net().to(device, { seed: 3 }).eval();
  using _ = device.scope();
  const x = device.tensor(images, [6, 2, 12, 12]);
  const plain = await device.noGrad(() => model.call(x)).data();
  markBlocks(model);
  const y = device.noGrad(() => model.call(x));
  assert.not(y.requiresGrad);
  assert.equal(await y.data(), plain);
  model.dispose();
});

test('an anomaly within it is named with its layer', async () => {
  const model = new Sequential(new Linear(2, 2), new ReLU()).to(device, { seed: 1 });
  checkpoint(model);
  using watch = watchAnomalies(device, { model });
  using _ = device.scope();
  model
    .call(device.tensor([1, Number.NaN], [1, 2]))
    .sum()
    .backward();
  try {
    await watch.check();
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /linear.*layer 0|0 \(Linear\)|Linear/);
  }
  model.dispose();
});

test('what cannot be checkpointed says so', async () => {
  assert.throws(
    () => checkpoint((() => {}) as unknown as Module),
    (error: Error) => error instanceof ShapeError && /wants a module/.test(error.message),
  );
  class Pair extends Module<Tensor[]> {
    protected override forward(x: Tensor): Tensor[] {
      return [x, x];
    }
  }
  using _ = device.scope();
  const x = device.tensor([1, 2]);
  x.requiresGrad = true;
  assert.throws(
    () => checkpoint(new Pair()).call(x),
    (error: Error) => error instanceof AutogradError && /one tensor/.test(error.message),
  );
  let runs = 0;
  const fickle = recomputed((given) => (runs++ ? given.reshape([2, 1]) : given.mul(1)), [x]);
  assert.throws(
    () => fickle.sum().backward(),
    (error: Error) => error instanceof AutogradError && /\[2, 1\] when it ran again/.test(error.message),
  );
});

test.run();

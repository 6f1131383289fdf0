// Batches of no images, and other tensors without elements: every operation, module, loss and optimizer gives what
// PyTorch gives (its results are written out here), eagerly, captured and in an evaluation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as F from '../../engine/functional/index.ts';
import * as nn from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, RMSprop, SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { evaluateBatches } from '../../training/evaluate.ts';

const device = await createDevice();
const test = suite('empty tensors');

const empty = (...shape: number[]) => {
  const x = device.tensor([], shape);
  x.requiresGrad = true;
  return x;
};
const labels = () => device.tensor(new Uint32Array(0), [0]);

const images: Record<string, [of: (x: Tensor) => Tensor, shape: number[]]> = {
  conv2d: [(x) => F.conv2d(x, device.tensor(new Float32Array(4 * 4 * 9), [4, 4, 3, 3])), [0, 4, 6, 6]],
  'conv2d depthwise': [
    (x) => F.conv2d(x, device.tensor(new Float32Array(36), [4, 1, 3, 3]), undefined, { groups: 4 }),
    [0, 4, 6, 6],
  ],
  maxPool2d: [(x) => F.maxPool2d(x, 2), [0, 4, 4, 4]],
  avgPool2d: [(x) => F.avgPool2d(x, 2), [0, 4, 4, 4]],
  adaptiveAvgPool2d: [(x) => F.adaptiveAvgPool2d(x, 3), [0, 4, 3, 3]],
  localResponseNorm: [(x) => F.localResponseNorm(x, 3), [0, 4, 8, 8]],
  relu: [F.relu, [0, 4, 8, 8]],
  leakyRelu: [(x) => F.leakyRelu(x), [0, 4, 8, 8]],
  sigmoid: [F.sigmoid, [0, 4, 8, 8]],
  tanh: [F.tanh, [0, 4, 8, 8]],
  gelu: [(x) => F.gelu(x), [0, 4, 8, 8]],
  silu: [F.silu, [0, 4, 8, 8]],
  softmax: [(x) => F.softmax(x, 1), [0, 4, 8, 8]],
  'softmax over nothing': [(x) => F.softmax(x, 0), [0, 4, 8, 8]],
  logSoftmax: [(x) => F.logSoftmax(x, 1), [0, 4, 8, 8]],
  dropout: [(x) => F.dropout(x, 0.5), [0, 4, 8, 8]],
  cast: [(x) => F.cast(x, 'float16'), [0, 4, 8, 8]],
  'add with a bias': [(x) => F.add(x, device.tensor([1, 2, 3, 4], [4, 1, 1])), [0, 4, 8, 8]],
  mul: [(x) => F.mul(x, x), [0, 4, 8, 8]],
  div: [(x) => F.div(x, 2), [0, 4, 8, 8]],
  pad: [(x) => F.pad(x, [1, 1, 1, 1]), [0, 4, 10, 10]],
  cat: [(x) => F.cat([x, x], 1), [0, 8, 8, 8]],
  'sum of channels': [(x) => F.sum(x, 1), [0, 8, 8]],
  'mean of channels': [(x) => F.mean(x, 1), [0, 8, 8]],
  'amax of channels': [(x) => F.amax(x, 1), [0, 8, 8]],
  'max of channels': [(x) => F.max(x, 1).values, [0, 8, 8]],
  flatten: [(x) => F.flatten(x, 1), [0, 256]],
  permute: [(x) => F.permute(x, [0, 2, 3, 1]), [0, 8, 8, 4]],
  'batchNorm2d in inference': [(x) => F.batchNorm2d(x, { runningMean: zeros(4), runningVar: zeros(4) }), [0, 4, 8, 8]],
};

for (const [name, [of, shape]] of Object.entries(images)) {
  test(`${name} of no images, forward and backward`, async () => {
    using _scope = device.scope();
    const x = empty(0, 4, 8, 8);
    const y = of(x);
    assert.equal([...y.shape], shape);
    assert.equal((await y.data()).length, 0);
    y.backward(device.tensor([], shape, { dtype: y.dtype }));
    assert.equal([...x.grad!.shape], [0, 4, 8, 8]);
  });
}

test('sums over nothing are 0, means NaN, in every form', async () => {
  using _scope = device.scope();
  assert.is(await F.sum(empty(0, 3)).item(), 0);
  assert.ok(Number.isNaN(await F.mean(empty(0, 3)).item()));
  assert.equal([...(await F.sum(empty(0, 3), 0).data())], [0, 0, 0]);
  assert.equal([...(await F.mean(empty(0, 3), 0).data())], [NaN, NaN, NaN]);
});

test('maxima over nothing are refused', () => {
  using _scope = device.scope();
  for (const of of [(x: Tensor) => F.max(x), (x: Tensor) => F.amax(x, 0), (x: Tensor) => F.argmax(x, 0)]) {
    assert.throws(() => of(empty(0, 3)), /no elements to reduce/);
  }
  assert.equal([...F.argmax(empty(0, 3), 1).shape], [0]);
});

test('the loss of no images is NaN as a mean and 0 as a sum, and its gradient is empty', async () => {
  using _scope = device.scope();
  const x = empty(0, 3);
  const loss = F.crossEntropy(x, labels());
  assert.ok(Number.isNaN(await loss.item()));
  loss.backward();
  assert.equal([...x.grad!.shape], [0, 3]);
  assert.is(await F.crossEntropy(empty(0, 3), labels(), { reduction: 'sum' }).item(), 0);
});

test('a product over nothing is zeros', async () => {
  using _scope = device.scope();
  assert.equal(await F.matmul(empty(2, 0), empty(0, 3)).array(), [
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('a network and each optimizer take a step on no images: gradients of weights are zero', async () => {
  for (const Optimizer of [SGD, Adam, RMSprop]) {
    const model = new nn.Sequential(
      new nn.Conv2d(3, 4, 3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(36, 2),
    ).to(device);
    const optimizer = new Optimizer(model.parameters(), { lr: 0.1 });
    {
      using _scope = device.scope();
      const before = await model.parameters()[0].data();
      F.sum(model.call(empty(0, 3, 8, 8))).backward();
      for (const { grad } of model.parameters()) {
        assert.ok([...(await grad!.data())].every((value) => value === 0));
      }
      optimizer.step();
      assert.equal(await model.parameters()[0].data(), before);
    }
    optimizer.dispose();
    model.dispose();
  }
});

test('batch normalisation in training leaves running statistics as they are, as PyTorch does', async () => {
  using _scope = device.scope();
  const [runningMean, runningVar] = [device.tensor([1, 2, 3, 4]), device.tensor([5, 6, 7, 8])];
  const weight = device.tensor([1, 1, 1, 1]);
  weight.requiresGrad = true;
  const y = F.batchNorm2d(empty(0, 4, 8, 8), { weight, runningMean, runningVar, training: true });
  y.backward(device.tensor([], [0, 4, 8, 8]));
  assert.equal([...(await runningMean.data())], [1, 2, 3, 4]);
  assert.equal([...(await runningVar.data())], [5, 6, 7, 8]);
  assert.equal([...(await weight.grad!.data())], [0, 0, 0, 0]);
});

test('a network in inference gives no logits for no images', async () => {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 4, 3),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Dropout(),
    new nn.Linear(4, 2),
  );
  model.to(device);
  model.eval();
  using _scope = device.scope();
  assert.equal([...model.call(empty(0, 3, 8, 8)).shape], [0, 2]);
  model.dispose();
});

test('an evaluation of no images has no predictions, a loss of NaN, and leaves the model training', async () => {
  const model = new nn.Linear(3, 2).to(device);
  const evaluation = await evaluateBatches(model, device, {
    total: 0,
    classes: 2,
    batchSize: 4,
    prepare: () => ({ labels: new Uint32Array(0) }),
    logits: () => model.call(empty(0, 3)),
  });
  assert.is(evaluation.predictions.length, 0);
  assert.ok(Number.isNaN(evaluation.loss));
  assert.ok(model.training);
  model.dispose();
});

test('padding of nothing is padding alone', async () => {
  using _scope = device.scope();
  assert.equal(await F.pad(empty(0), [1, 2], { value: 5 }).array(), [5, 5, 5]);
});

test('a captured step runs on no images', async () => {
  const weight = device.tensor(new Float32Array(6).fill(1), [2, 3]);
  const x = device.tensor([], [0, 3]);
  using step = device.capture(() => F.sum(F.linear(x, weight)));
  for (let run = 0; run < 3; run++) assert.is(await step.replay().item(), 0);
});

test.run();

function zeros(count: number): Tensor {
  return device.tensor(new Float32Array(count), [count]);
}

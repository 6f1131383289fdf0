// Looking into models: traces, costs of layers, submodules by name, features of layers inside.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { relu } from '../../engine/functional/activation.ts';
import { cat } from '../../engine/functional/shape.ts';
import * as nn from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { createModel } from '../../models/index.ts';

/** A branch, a sum, a concatenation, a layer used twice, dropout and a view. */
class Net extends nn.Module {
  readonly conv = new nn.Conv2d(3, 4, 3, { padding: 1 });
  readonly bn = new nn.BatchNorm2d(4);
  readonly again = new nn.Conv2d(4, 4, 1, { bias: false });
  readonly head = new nn.Sequential(new nn.Flatten(), new nn.Dropout(), new nn.Linear(8 * 25, 2));

  protected override forward(x: Tensor): Tensor {
    const y = relu(this.bn.call(this.conv.call(x)));
    const z = this.again.call(this.again.call(y)).add(y);
    return this.head.call(cat([y, z], 1));
  }
}

const device = await createDevice();
const test = suite('trace');

test('a trace lists every operation with its module, what it read, its shape and its multiply-accumulates', () => {
  const { nodes, outputs } = nn.trace(new Net(), [3, 5, 5]);
  assert.equal(
    nodes.map(({ operation, module, inputs, shape, macs }) => [operation, module, inputs, shape, macs]),
    [
      ['input', '', [], [1, 3, 5, 5], 0],
      ['conv2d', 'conv', [0], [1, 4, 5, 5], 100 * 27],
      ['batchNorm2d', 'bn', [1], [1, 4, 5, 5], 0],
      ['relu', '', [2], [1, 4, 5, 5], 0],
      ['conv2d', 'again', [3], [1, 4, 5, 5], 100 * 4],
      ['conv2d', 'again', [4], [1, 4, 5, 5], 100 * 4],
      ['add', '', [5, 3], [1, 4, 5, 5], 0],
      ['cat', '', [3, 6], [1, 8, 5, 5], 0],
      ['reorder', 'head.0', [7], [1, 8, 5, 5], 0],
      ['reshape', 'head.0', [8], [1, 200], 0],
      ['linear', 'head.2', [9], [1, 2], 400],
    ],
  );
  assert.equal(outputs, [10]);
  assert.equal(nodes[1].weights, [[4, 3, 3, 3], [4]]);
  assert.equal(
    nodes.filter(({ isView }) => isView).map(({ id }) => id),
    [9],
  );
});

test('a depthwise convolution counts the inputs of its group only, a matrix product its inner extent', () => {
  class Products extends nn.Module {
    readonly depthwise = new nn.Conv2d(6, 6, 3, { groups: 6, stride: 2 });
    protected override forward(x: Tensor): Tensor {
      const rows = this.depthwise.call(x).reshape([6, 4]);
      return rows.matmul(rows.transpose(0, 1));
    }
  }
  const { nodes } = nn.trace(new Products(), [6, 5, 5]);
  assert.is(nodes.find(({ operation }) => operation === 'conv2d')!.macs, 24 * 9);
  assert.is(nodes.find(({ operation }) => operation === 'matmul')!.macs, 36 * 4);
});

test('layers have a row for each module that ran operations itself, and sum up', () => {
  const model = new Net();
  model.bn.requiresGrad_(false);
  const rows = nn.layers(model, [3, 5, 5]);
  assert.equal(
    rows.map(({ name, type, operations, outputShape, parameters, trainable, macs, activationBytes }) =>
      [name, type, operations.join(' '), outputShape.join(' '), parameters, trainable, macs, activationBytes].join(
        ', ',
      ),
    ),
    [
      'conv, Conv2d, conv2d, 1 4 5 5, 112, 112, 2700, 400',
      'bn, BatchNorm2d, batchNorm2d, 1 4 5 5, 8, 0, 0, 400',
      ', Net, relu add cat, 1 8 5 5, 0, 0, 0, 1600',
      'again, Conv2d, conv2d conv2d, 1 4 5 5, 16, 16, 800, 800',
      'head.0, Flatten, reorder reshape, 1 200, 0, 0, 0, 800',
      'head.2, Linear, linear, 1 2, 402, 402, 400, 8',
    ],
  );
  assert.equal(nn.totals(rows), { parameters: 538, trainable: 530, macs: 3900, activationBytes: 4008 });
});

test('tracing changes nothing in the model, even when a layer refuses its input', async () => {
  const model = new Net().to(device);
  model.bn.eval();
  const { dispatches } = device.recorder;
  nn.trace(model, [3, 5, 5]);
  assert.throws(
    () => nn.trace(model, [3, 6, 6]),
    (error: Error) => error instanceof ShapeError,
  );
  assert.is(device.recorder.dispatches, dispatches);
  assert.ok(model.training && !model.bn.training && model.conv.training);
  using _ = device.scope();
  assert.equal(model.call(device.tensor(new Float32Array(75), [1, 3, 5, 5])).shape, [1, 2]); // no hooks are left
  model.dispose();
});

test('features of layers inside are what those layers give', async () => {
  const model = new Net().to(device).eval();
  using _ = device.scope();
  const x = device.tensor(
    Float32Array.from({ length: 75 }, (_, i) => Math.sin(i)),
    [1, 3, 5, 5],
  );
  const { conv, again, 'head.2': logits } = nn.extractFeatures(model, x, ['conv', 'again', 'head.2']);
  assert.equal([...(await conv.data())], [...(await model.conv.call(x).data())]);
  assert.equal([...(await logits.data())], [...(await model.call(x).data())]);
  const y = relu(model.bn.call(model.conv.call(x)));
  assert.equal([...(await again.data())], [...(await model.again.call(model.again.call(y)).data())]); // the last call's
  model.dispose();
});

test('a run that may stop early does nothing after the last layer named, and leaves no hooks', async () => {
  const model = new Net().to(device).eval();
  using _ = device.scope();
  const x = device.tensor(
    Float32Array.from({ length: 75 }, (_, i) => Math.cos(i)),
    [1, 3, 5, 5],
  );
  let heads = 0;
  model.head.registerForwardPreHook(() => {
    heads++;
  });
  const { conv, bn } = nn.extractFeatures(model, x, ['bn', 'conv'], { stopEarly: true });
  assert.is(heads, 0);
  assert.equal([...(await bn.data())], [...(await model.bn.call(model.conv.call(x)).data())]);
  assert.equal([...(await conv.data())], [...(await model.conv.call(x).data())]);
  const tooLarge = device.tensor(new Float32Array(3 * 36), [1, 3, 6, 6]);
  assert.throws(
    () => nn.extractFeatures(model, tooLarge, ['conv', 'head'], { stopEarly: true }),
    (error: Error) => error instanceof ShapeError && /linear/.test(error.message),
  );
  assert.equal(model.call(x).shape, [1, 2]);
  model.dispose();
});

test('layers that do not exist or did not run are named', () => {
  const model = createModel('googlenet', { auxLogits: true, numClasses: 2 }).to(device).eval();
  using _ = device.scope();
  const x = device.tensor(new Float32Array(3 * 32 * 32), [1, 3, 32, 32]);
  const refused = (names: string[], message: RegExp) =>
    assert.throws(
      () => nn.extractFeatures(model, x, names),
      (error: Error) => error instanceof ShapeError && message.test(error.message),
    );
  refused(['inception3a.branch9'], /no module 'inception3a.branch9': inception3a has the children branch1, branch2/);
  refused(['aux1'], /layer 'aux1' did not run/);
  model.dispose();
});

test('a head is replaced by name: its memory is freed, the rest keeps its values, and only it is initialised', async () => {
  const model = new Net().to(device);
  const before = await model.conv.weight.data();
  const tensors = device.memory().tensors;
  const old = model.head[2] as nn.Linear;
  const head = model.setSubmodule('head.2', new nn.Linear(old.inFeatures, 10));
  assert.is(model.head[2], head);
  assert.ok(old.weight.isDisposed);
  model.to(device, { seed: 5 });
  assert.equal([...(await model.conv.weight.data())], [...before]);
  assert.is(device.memory().tensors, tensors);
  using _ = device.scope();
  assert.equal(model.call(device.tensor(new Float32Array(75), [1, 3, 5, 5])).shape, [1, 10]);
  model.dispose();
});

test("assignment replaces a layer too, as the chapter does; the old one's memory is then the caller's", () => {
  const baseline = device.memory().tensors;
  const model = new Net().to(device);
  const old = model.head[2];
  model.head[2] = new nn.Linear(200, 10);
  model.to(device);
  assert.ok((old as nn.Linear).weight.isPlaced);
  old.dispose();
  assert.equal(model.namedParameters().at(-1)![1].shape, [10]);
  model.dispose();
  assert.is(device.memory().tensors, baseline);
});

test('a module used twice keeps its memory when one of its places is taken', () => {
  const shared = new nn.Linear(4, 4);
  const model = new nn.Sequential(shared, new nn.ReLU(), shared).to(device);
  model.setSubmodule('2', new nn.Identity());
  assert.ok(shared.weight.isPlaced);
  model.dispose();
  assert.throws(() => model.setSubmodule('7', new nn.Identity()), /no module '7': Sequential has the children 0, 1, 2/);
  assert.throws(() => model.setSubmodule('', new nn.Identity()), /'' is the model itself/);
});

test.run();

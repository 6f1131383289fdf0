// Modules: initial values, state dicts, modes, hooks, replacement of layers, and whose the memory is.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StateDict } from '../../engine/hostTensor.ts';
import * as nn from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { readSafetensors, writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { Tensor } from '../../engine/tensor.ts';
import { DisposedError, ShapeError } from '../../kernels/errors.ts';
import { LeNet5 } from '../../models/lenet.ts';

const device = await createDevice();
const test = suite('modules');

test('a model is built without a device, and using it says what to do', () => {
  const model = new LeNet5();
  assert.is(
    model.parameters().reduce((sum, { size }) => sum + size, 0),
    61_706,
  );
  assert.throws(
    () => model.fc3.weight.storage,
    (error: Error) => error instanceof DisposedError && /call model.to\(device\) first/.test(error.message),
  );
});

test('one seed repeats a model bit for bit, and another gives another', async () => {
  const dicts: StateDict[] = [];
  for (const seed of [3, 3, 4]) {
    const model = new LeNet5().to(device, { seed });
    dicts.push(await model.stateDict());
    model.dispose();
  }
  assert.equal(dicts[0], dicts[1]);
  assert.not.equal(dicts[0], dicts[2]);
  assert.not.equal(dicts[0].get('fc1.weight')!.data.slice(0, 9), dicts[0].get('fc2.weight')!.data.slice(0, 9));
});

test("PyTorch's default: uniform in 1 / sqrt(fanIn), weights and bias", async () => {
  const model = new LeNet5().to(device);
  const dict = await model.stateDict();
  for (const [name, fanIn] of [
    ['conv2', 150],
    ['fc1', 400],
  ] as const) {
    const bound = 1 / Math.sqrt(fanIn);
    const weights = [...(dict.get(`${name}.weight`)!.data as Float32Array)];
    assert.ok(weights.every((value) => Math.abs(value) <= bound * 1.000001));
    assert.ok(Math.max(...weights) > 0.98 * bound && Math.min(...weights) < -0.98 * bound);
    const bias = [...(dict.get(`${name}.bias`)!.data as Float32Array)];
    assert.ok(bias.every((value) => Math.abs(value) <= bound * 1.000001) && Math.max(...bias) > 0.5 * bound);
  }
  model.dispose();
});

test('initial values by name, before and after to(device)', async () => {
  const expected = {
    kaimingNormal: Math.sqrt(2 / (64 * 9)),
    kaimingUniform: Math.sqrt(2 / (32 * 9)),
    xavierNormal: Math.sqrt(2 / (96 * 9)),
    xavierUniform: Math.sqrt(2 / (96 * 9)),
    normal: 0.3,
    uniform: 2 / Math.sqrt(12),
    constant: 0,
  };
  const initialise = (weight: nn.Parameter, name: string) => {
    if (name === 'kaimingNormal') nn.init.kaimingNormal(weight, { mode: 'fan_out', nonlinearity: 'relu' });
    if (name === 'kaimingUniform') nn.init.kaimingUniform(weight, { nonlinearity: 'relu' });
    if (name === 'xavierNormal') nn.init.xavierNormal(weight);
    if (name === 'xavierUniform') nn.init.xavierUniform(weight);
    if (name === 'normal') nn.init.normal(weight, { std: 0.3 });
    if (name === 'uniform') nn.init.uniform(weight, { low: -1, high: 1 });
    if (name === 'constant') nn.init.constant(weight, 7);
  };
  for (const [name, deviation] of Object.entries(expected)) {
    for (const isPlaced of [false, true]) {
      const layer = new nn.Conv2d(32, 64, 3);
      if (isPlaced) layer.to(device);
      initialise(layer.weight, name);
      if (!isPlaced) layer.to(device);
      const values = (await layer.weight.data()) as Float32Array;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      // 18,432 values: both estimates are within 3 % at more than five of their own deviations
      assert.ok(Math.abs(mean - (name === 'constant' ? 7 : 0)) <= 0.04 * deviation, `${name}: mean ${mean}`);
      assert.ok(Math.abs(Math.sqrt(variance) - deviation) <= 0.03 * deviation, `${name}: ${Math.sqrt(variance)}`);
      layer.dispose();
    }
  }
});

test('a state dict goes through safetensors into another model, before or after to(device)', async () => {
  const make = () => new nn.Sequential(new nn.Conv2d(3, 5, [3, 2]), new nn.BatchNorm2d(5), new nn.Linear(7, 4));
  const first = make().to(device, { seed: 1 });
  (first[1] as nn.BatchNorm2d).numBatchesTracked!.value = 12;
  const dict = await first.stateDict();
  assert.equal(dict.get('1.num_batches_tracked')!.data, BigInt64Array.of(12n));
  assert.equal(dict.get('0.weight')!.shape, [5, 3, 3, 2]);
  const { tensors } = readSafetensors(writeSafetensors(dict));
  for (const isPlaced of [false, true]) {
    const second = make();
    if (isPlaced) second.to(device, { seed: 2 });
    assert.equal(second.loadStateDict(tensors), { missing: [], unexpected: [] });
    second.to(device, { seed: 3 });
    assert.equal(await second.stateDict(), dict);
    second.dispose();
  }
  first.dispose();
});

test('values keep their logical order, whatever the layout in memory', async () => {
  const layer = new nn.Linear(3, 2, { bias: false }).to(device);
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  layer.loadStateDict(new Map([['weight', { dtype: 'float32', shape: [2, 3], data }]]));
  const x = device.tensor([1, 0, 0], [1, 3]);
  const y = layer.call(x);
  assert.equal([...(await y.data())], [1, 4]);
  for (const owned of [x, y, layer]) owned.dispose();
});

test('values that are fewer or more than their shape says are misshapen, and nothing was changed', async () => {
  const model = new nn.Linear(2, 1).to(device);
  const before = await model.stateDict();
  const changed: StateDict = new Map(before);
  changed.set('weight', { dtype: 'float32', shape: [1, 2], data: Float32Array.of(7, 7) });
  changed.set('bias', { dtype: 'float32', shape: [1], data: Float32Array.of(1, 2) });
  assert.throws(() => model.loadStateDict(changed), /misshapen: bias: given 2 values for \[1\], wanted \[1\]/);
  assert.equal(await model.stateDict(), before);
  model.dispose();
});

test('one error lists all missing, unexpected and misshapen keys, and nothing was changed', async () => {
  const model = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.Linear(4, 3)).to(device);
  const before = await model.stateDict();
  const changed: StateDict = new Map(before);
  changed.set('0.weight', { dtype: 'float32', shape: [2, 1, 3, 3], data: new Float32Array(18) });
  changed.set('2.weight', { dtype: 'float32', shape: [10, 4], data: new Float32Array(40) });
  changed.set('extra.weight', { dtype: 'float32', shape: [1], data: new Float32Array(1) });
  changed.delete('1.running_var');
  changed.delete('2.bias');
  let message = '';
  try {
    model.loadStateDict(changed);
  } catch (error) {
    assert.instance(error, ShapeError);
    ({ message } = error as Error);
  }
  assert.is(
    message,
    [
      'loadStateDict: these values do not fit Sequential',
      '  missing: 1.running_var, 2.bias',
      '  unexpected: extra.weight',
      '  misshapen: 2.weight: given [10, 4], wanted [3, 4]',
    ].join('\n'),
  );
  assert.equal(await model.stateDict(), before);
  assert.throws(() => model.loadStateDict(changed, { strict: false }), /misshapen/);
  changed.delete('2.weight');
  assert.equal(model.loadStateDict(changed, { strict: false }), {
    missing: ['1.running_var', '2.weight', '2.bias'],
    unexpected: ['extra.weight'],
  });
  assert.equal(await (model[0] as nn.Conv2d).weight.data(), new Float32Array(18));
  model.dispose();
});

test('files of old PyTorch lack num_batches_tracked: it counts as 0', async () => {
  const norm = new nn.BatchNorm2d(2).to(device);
  const dict = await norm.stateDict();
  dict.delete('num_batches_tracked');
  norm.numBatchesTracked!.value = 5;
  assert.equal(norm.loadStateDict(dict), { missing: [], unexpected: [] });
  assert.is(norm.numBatchesTracked!.value, 0);
  norm.dispose();
});

test('train and eval reach every module and decide what dropout and batch norm do', async () => {
  const model = new nn.Sequential(new nn.BatchNorm2d(2), new nn.Dropout(0.5)).to(device);
  const norm = model[0] as nn.BatchNorm2d;
  const x = device.tensor([1, 2, 3, 5, -1, 0, 4, 8], [1, 2, 2, 2]);
  {
    using _scope = device.scope();
    model.eval().call(x);
    assert.equal([...(await norm.runningMean!.data())], [0, 0]);
    assert.is(norm.numBatchesTracked!.value, 0);
    assert.equal(await (model[1] as nn.Dropout).call(x).data(), await x.data());
    model.train();
    assert.ok(model.modules().every(({ training }) => training));
    const dropped = await model.call(x).data();
    assert.ok([...dropped].includes(0));
    const means = await norm.runningMean!.data();
    assert.ok(Math.abs(means[0] - 0.275) < 1e-6 && Math.abs(means[1] - 0.275) < 1e-6);
    assert.is(norm.numBatchesTracked!.value, 1);
  }
  x.dispose();
  model.dispose();
});

test('hooks fire around forward, may replace what passes, and can be removed', async () => {
  const layer = new nn.Linear(2, 1).to(device);
  nn.init.ones(layer.weight);
  nn.init.zeros(layer.bias!);
  using _scope = device.scope();
  const [x, other] = [device.tensor([1, 2], [1, 2]), device.tensor([10, 20], [1, 2])];
  const seen: string[] = [];
  const removePre = layer.registerForwardPreHook((module, [input]) => {
    seen.push('pre');
    assert.is(module, layer);
    assert.is(input, x);
    return [other];
  });
  const remove = layer.registerForwardHook((_, [input], output) => {
    seen.push('post');
    assert.is(input, other);
    assert.instance(output, Tensor);
  });
  assert.is(await layer.call(x).item(), 30);
  assert.equal(seen, ['pre', 'post']);
  removePre();
  remove();
  const removeReplacement = layer.registerForwardHook(() => other);
  assert.is(layer.call(x), other);
  removeReplacement();
  assert.is(await layer.call(x).item(), 3);
  assert.equal(seen, ['pre', 'post']);
  layer.dispose();
});

test('a layer can be replaced: the old memory is freed, and to(device) initialises the new one alone', async () => {
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1000)).to(device);
  const before = await (model[0] as nn.Linear).weight.data();
  const { tensors } = device.memory();
  model.replace(2, new nn.Linear(8, 3));
  assert.is(device.memory().tensors, tensors - 2);
  model.to(device, { seed: 9 });
  assert.equal(await (model[0] as nn.Linear).weight.data(), before);
  assert.equal((await model.stateDict()).get('2.weight')!.shape, [3, 8]);
  model.insert(1, new nn.Dropout()).append(new nn.Softmax(1));
  assert.equal(
    model.namedChildren().map(([name, module]) => `${name} ${module.constructor.name}`),
    ['0 Linear', '1 Dropout', '2 ReLU', '3 Linear', '4 Softmax'],
  );
  model.remove(1);
  model[3] = new nn.Identity();
  assert.is(model.length, 4);
  assert.equal(
    model.layers().map((module) => module.constructor.name),
    ['Linear', 'ReLU', 'Linear', 'Identity'],
  );
  assert.throws(() => model.replace(4, new nn.ReLU()), /index 4 is out of range for 4 modules/);
  assert.throws(() => model.remove(-5), /index -5 is out of range for 4 modules/);
  model.dispose();
});

test('negative indices count from the end, and a layer that is wrapped keeps its memory', () => {
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3)).to(device);
  const [first, , last] = model.layers() as nn.Linear[];
  const wrapped = model.replace(0, new nn.Sequential(first, new nn.Tanh()));
  assert.is(wrapped[0], first);
  assert.ok(first.weight.isPlaced);
  model.replace(-1, new nn.Linear(8, 2));
  assert.ok(last.weight.isDisposed);
  assert.is(model.remove(-2).constructor.name, 'ReLU');
  assert.equal(
    model.namedParameters().map(([name, { shape }]) => `${name} ${shape.join('x')}`),
    ['0.0.weight 8x4', '0.0.bias 8', '1.weight 2x8', '1.bias 2'],
  );
  model.dispose();
});

test('apply, requiresGrad_ and a shared layer', () => {
  const shared = new nn.Linear(2, 2);
  const model = new nn.Sequential(shared, new nn.Sequential(shared, new nn.ReLU()));
  const names: string[] = [];
  model.apply((module) => names.push(module.constructor.name));
  assert.equal(names, ['Linear', 'Linear', 'ReLU', 'Sequential', 'Sequential']);
  assert.equal(
    model.namedParameters().map(([name]) => name),
    ['0.weight', '0.bias'],
  );
  assert.equal(
    model.state().map(([name]) => name),
    ['0.weight', '0.bias', '1.0.weight', '1.0.bias'],
  );
  model.requiresGrad_(false);
  assert.ok(model.parameters().every(({ requiresGrad }) => !requiresGrad));
});

test('scopes leave a module its memory, and dispose gives it all back', () => {
  const before = device.memory();
  let model: LeNet5;
  {
    using _scope = device.scope();
    model = new LeNet5().to(device);
    const loss = new nn.CrossEntropyLoss().call(
      model.call(device.tensor(new Float32Array(2 * 784), [2, 1, 28, 28])),
      device.tensor([3, 7], [2], { dtype: 'uint32' }),
    );
    loss.backward();
  }
  assert.ok(model.parameters().every(({ isPlaced, grad }) => isPlaced && grad?.isPlaced));
  model.zeroGrad();
  assert.is(device.memory().tensors, before.tensors + 10);
  model.dispose();
  const { tensors, bytes } = device.memory();
  assert.equal({ tensors, bytes }, { tensors: before.tensors, bytes: before.bytes });
});

test.run();

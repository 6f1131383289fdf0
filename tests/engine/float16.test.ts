// float16 storage: what holds it, what results it gives, and training with it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defineOperation } from '../../engine/defineOperation.ts';
import type { Device } from '../../engine/device.ts';
import * as F from '../../engine/functional/index.ts';
import { Linear, Module, Parameter } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, clipGradNorm, GradScaler, SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { roundToFloat16 } from '../../kernels/cast/reference.ts';
import { flatGrid, launch, sizeOf } from '../../kernels/definition.ts';
import { AutogradError, KernelError, ShapeError } from '../../kernels/errors.ts';
import { ResNetCifar } from '../../models/resnetCifar.ts';

const device = await createDevice();
const test = suite('float16');

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i) * 3);
const half = (values: number[] | Float32Array, shape: number[] = [values.length], on: Device = device) =>
  on.tensor(values, shape, { dtype: 'float16' });

test('values come back rounded to nearest even, in two bytes each, whatever the length and order', async () => {
  using _ = device.scope();
  for (const shape of [[1], [7], [2, 3, 5, 3], [4, 8]]) {
    const values = ramp(shape.reduce((a, b) => a * b, 1));
    const before = device.memory().bytes;
    const x = half(values, shape);
    assert.equal(await x.data(), values.map(roundToFloat16));
    assert.ok(device.memory().bytes - before <= Math.max(256, values.length * 2 + 2), `${shape}`);
  }
  const special = [65504, 65520, -Infinity, Number.NaN, 2 ** -24, -0, 1 + 2 ** -11, 1 + 3 * 2 ** -11];
  assert.equal(
    [...(await half(special).data())],
    [65504, Infinity, -Infinity, Number.NaN, 2 ** -24, -0, 1, 1 + 2 ** -9],
  );
});

test('write() replaces all values, and empty tensors are possible', async () => {
  using _ = device.scope();
  const x = half([1, 2, 3]);
  x.write([4, 5, 6.0001]);
  assert.equal([...(await x.data())], [4, 5, 6]);
  assert.equal([...(await half([], [0, 3]).data())], []);
});

test('to() converts there and back, and its gradient has the dtype of what was converted', async () => {
  using _ = device.scope();
  const x = device.tensor(ramp(5));
  x.requiresGrad = true;
  assert.is(x.to('float32'), x);
  const y = x.to('float16');
  assert.is(y.dtype, 'float16');
  y.to('float32').mul(3).sum().backward();
  assert.is(x.grad!.dtype, 'float32');
  assert.equal([...(await x.grad!.data())], [3, 3, 3, 3, 3]);
});

test('results follow the first input, and peers the wider one', () => {
  using _ = device.scope();
  const [x, wide] = [half(ramp(12), [3, 4]), device.tensor(ramp(12), [3, 4])];
  const weight = device.tensor(ramp(8), [2, 4]);
  const dtypes = (tensors: Tensor[]) => tensors.map(({ dtype }) => dtype);
  assert.equal(dtypes([x.relu(), x.mul(2), x.sum(), x.softmax(1), x.add(x)]), Array(5).fill('float16'));
  assert.equal(
    dtypes([F.linear(x, weight), x.reshape([4, 3]), x.transpose(0, 1), F.cat([x, x])]),
    Array(4).fill('float16'),
  );
  assert.equal(
    dtypes([x.add(wide), wide.mul(x), x.matmul(weight.transpose(0, 1)), F.cat([x, wide])]),
    Array(4).fill('float32'),
  );
  assert.is(x.argmax(1).dtype, 'uint32');
});

test('within autocast products are float16 and losses float32', () => {
  using _ = device.scope();
  const x = device.tensor(ramp(12), [3, 4]);
  const weight = device.tensor(ramp(8), [2, 4]);
  device.autocast(() => {
    const y = F.linear(x, weight);
    assert.equal(
      [y.dtype, y.relu().dtype, y.softmax(1).dtype, y.sum().dtype],
      ['float16', 'float16', 'float32', 'float32'],
    );
    const labels = device.tensor(Uint32Array.of(0, 1, 1));
    assert.is(F.crossEntropy(y, labels).dtype, 'float32');
    assert.is(x.relu().dtype, 'float32', 'nothing is cast that is not a product');
  });
  assert.is(F.linear(x, weight).dtype, 'float32');
  assert.throws(() => device.autocast(async () => {}), TypeError);
  assert.not(device.autocastEnabled);
});

test('parameters and their gradients stay float32, activations and their gradients do not', async () => {
  using _ = device.scope();
  const [first, last] = [new Linear(6, 8).to(device, { seed: 1 }), new Linear(8, 3).to(device, { seed: 2 })];
  const x = device.tensor(ramp(12), [2, 6]);
  const hidden = device.autocast(() => first.call(x).relu());
  hidden.retainGrad();
  device.autocast(() => F.crossEntropy(last.call(hidden), device.tensor(Uint32Array.of(0, 2)))).backward();
  const parameters = [...first.parameters(), ...last.parameters()];
  assert.ok(parameters.every(({ dtype, grad }) => dtype === 'float32' && grad!.dtype === 'float32'));
  assert.equal([hidden.dtype, hidden.grad!.dtype], ['float16', 'float16']);
  for (const layer of [first, last]) layer.dispose();
});

test('activations kept for the backward pass take half the memory', () => {
  const peak = (precise: boolean) => {
    using _ = device.scope();
    const model = new ResNetCifar(8).to(device, { seed: 1 });
    const x = device.tensor(new Float32Array(4 * 3 * 32 * 32), [4, 3, 32, 32]);
    const before = device.memory().bytes;
    const y = precise ? model.call(x) : device.autocast(() => model.call(x));
    const held = device.memory().bytes - before;
    assert.is(y.dtype, precise ? 'float32' : 'float16');
    model.dispose();
    return held;
  };
  const ratio = peak(false) / peak(true);
  assert.ok(ratio < 0.6, `${ratio}`);
});

test('native storage gives the bits of packed storage, forward and backward', async () => {
  if (!device.gpu.features.has('shader-f16')) return console.log('skipped: the adapter has no shader-f16');
  const native = await createDevice({ halfForm: 'native' });
  assert.equal([device.pipelines.halfForm, native.pipelines.halfForm], ['packed', 'native']);
  const results = [];
  for (const on of [device, native]) {
    using _ = on.scope();
    // whole numbers, whose sums are exact: the two forms may order nothing else, but compilers fuse differently
    const x = half(ramp(2 * 8 * 9 * 9).map(Math.round), [2, 8, 9, 9], on);
    const weight = on.tensor(ramp(12 * 8 * 9).map(Math.round), [12, 8, 3, 3]);
    for (const tensor of [x, weight]) tensor.requiresGrad = true;
    const y = F.maxPool2d(F.conv2d(x, weight, undefined, { padding: 1 }).relu(), 3, { stride: 2 });
    y.to('float32').sum().backward();
    results.push([await y.data(), await x.grad!.data(), await weight.grad!.data()]);
  }
  assert.equal(results[0], results[1]);
});

test('odd numbers of elements are cut at the binding limit without losing any', async () => {
  const small = await createDevice({ bindingLimit: 4096 });
  using _ = small.scope();
  const values = ramp(9001);
  const y = half(values, [9001], small).mul(2);
  assert.equal(
    await y.data(),
    values.map((value) => roundToFloat16(roundToFloat16(value) * 2)),
  );
});

test("a user's own kernel takes float16 without a second text", async () => {
  using _ = device.scope();
  const triple = defineOperation({
    name: 'triple',
    inputs: [{ name: 'x', layout: 'any' }],
    wgsl: {
      forward: `struct Params { elements: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.elements) { return; }
  y[id.x] = 3 * x[id.x];
}`,
    },
    infer: ({ x }) => ({ y: x }),
    forward: ({ inputs: { x } }, { forward }) => [
      launch(forward, { params: { elements: sizeOf(x.shape) }, workgroups: flatGrid(sizeOf(x.shape), 64) }),
    ],
  });
  const y = triple({ x: half([1, 2, 0.1]) }, {});
  assert.is(y.dtype, 'float16');
  assert.equal([...(await y.data())], [3, 6, roundToFloat16(3 * roundToFloat16(0.1))]);
});

test('integers are no floats, and optimizers want float32', () => {
  using _ = device.scope();
  const labels = device.tensor(Uint32Array.of(1, 2));
  assert.throws(
    () => labels.to('float16'),
    (error: Error) => error instanceof ShapeError && /uint32/.test(error.message),
  );
  const x = half([1, 2]);
  x.requiresGrad = true;
  assert.throws(() => new SGD([x], { lr: 0.1 }), /is float16; optimizers update float32 parameters/);
  assert.throws(
    () => x.mul(2).backward(device.tensor([1, 1])),
    (error: Error) => error instanceof AutogradError && /must be float16/.test(error.message),
  );
  assert.throws(() => {
    x.grad = device.tensor([1, 1]);
  }, /cannot have a float32 gradient/);
});

class Scale extends Module<Tensor> {
  factor = new Parameter([4]);
  forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

/** A step whose gradient of each factor is `gradient`. */
function scaledStep(scaler: GradScaler, model: Scale, gradient: number[]): void {
  for (const parameter of model.parameters()) parameter.grad = null;
  scaler.scale(model.call(device.tensor(gradient)).sum()).backward();
}

test('an overflow leaves the step out and lowers the scale; steps without raise it', async () => {
  using _ = device.scope();
  const model = new Scale().to(device, { seed: 0 });
  model.factor.write([1, 1, 1, 1]);
  const optimizer = new Adam(model.parameters(), { lr: 0.5 });
  const scaler = new GradScaler({ initScale: 8, growthInterval: 2 });
  const stepped: boolean[] = [];
  const scales: number[] = [];
  for (const first of [1, 3e38, 1, 1, Number.NaN, 1]) {
    scaledStep(scaler, model, [first, 2, 3, 4]);
    const before = await model.factor.data();
    stepped.push(await scaler.step(optimizer));
    if (!stepped.at(-1)) assert.equal(await model.factor.data(), before);
    scaler.update();
    scales.push(scaler.currentScale);
  }
  assert.equal(stepped, [true, false, true, true, false, true]);
  assert.equal(scales, [8, 4, 4, 8, 4, 4]);
  assert.equal((await optimizer.stateDict()).steps, [4], 'a step that was left out is not counted');
  scaler.dispose();
  optimizer.dispose();
});

test('unscale() gives true gradients to clip, and step() does not divide again', async () => {
  using _ = device.scope();
  const model = new Scale().to(device, { seed: 0 });
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  model.factor.write([0, 0, 0, 0]);
  const scaler = new GradScaler({ initScale: 1024 });
  scaledStep(scaler, model, [3, 0, 4, 0]);
  scaler.unscale(optimizer);
  assert.equal([...(await model.factor.grad!.data())], [3, 0, 4, 0]);
  assert.is(await clipGradNorm(model.parameters(), 10).item(), 5);
  assert.ok(await scaler.step(optimizer));
  assert.equal([...(await model.factor.data())], [-3, 0, -4, 0]);
  optimizer.dispose();
});

test('small gradients survive with the scale and are lost without', async () => {
  using _ = device.scope();
  const gradientOf = async (scale: number) => {
    const x = device.tensor([1, 1, 1, 1]);
    x.requiresGrad = true;
    x.to('float16')
      .to('float32')
      .mul(1e-9 * scale)
      .sum()
      .backward();
    return (await x.grad!.data())[0] / scale;
  };
  assert.is(await gradientOf(1), 0);
  assert.ok(Math.abs((await gradientOf(65536)) / 1e-9 - 1) < 1e-2);
});

test('the state of a scaler continues, and options out of range are refused', () => {
  const scaler = new GradScaler({ initScale: 32, growthInterval: 7 });
  const state = { ...scaler.stateDict(), _growth_tracker: 3 };
  const other = new GradScaler();
  other.loadStateDict(JSON.parse(JSON.stringify(state)));
  assert.equal(other.stateDict(), state);
  const isShapeError = (error: Error) => error instanceof ShapeError;
  for (const wrong of [
    { initScale: 0 },
    { growthFactor: 1 },
    { backoffFactor: 1 },
    { growthInterval: 0.5 },
    { initScale: Number.NaN },
  ]) {
    assert.throws(() => new GradScaler(wrong), isShapeError);
  }
  assert.throws(() => other.loadStateDict({ ...state, scale: -1 }), isShapeError);
  assert.throws(() => other.loadStateDict({ ...state, _growth_tracker: -1 }), isShapeError);
  assert.throws(() => other.update(), /call step\(\) first/);
  assert.equal(other.stateDict(), state, 'nothing was changed');
});

test('a kernel that cannot hold float16 says so by name', async () => {
  using _ = device.scope();
  const wrong = defineOperation({
    name: 'wrong',
    inputs: [{ name: 'x', layout: 'any' }],
    wgsl: {
      forward: `@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = f32(x[0]); }`,
    },
    infer: ({ x }) => ({ y: x }),
    forward: (_problem, { forward }) => [launch(forward, { params: {}, workgroups: [1] })],
  });
  assert.throws(
    () => wrong({ x: half([1]) }, {}),
    (error: Error) => error instanceof KernelError && /'x' is an array of i32/.test(error.message),
  );
});

test.run();

// A user's own swish behaves like an operation of the engine, and gradCheck tells a right backward from a wrong one.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defineOperation } from '../../engine/defineOperation.ts';
import { gradCheck } from '../../engine/gradCheck.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { flatGrid, launch, sizeOf } from '../../kernels/definition.ts';
import { AutogradError, KernelError, ShapeError } from '../../kernels/errors.ts';
import { ndarray } from '../../kernels/ndarray.ts';
import { assertClose } from '../../lab/compare.ts';

const device = await createDevice();
const test = suite('defineOperation');

const swish = defineSwish('x[i] * sigmoid', 'sigmoid + params.beta * x[i] * sigmoid * (1.0 - sigmoid)');

test("a user's swish computes, and its gradient reaches through chains", async () => {
  using _scope = device.scope();
  const values = [-3, -0.5, 0, 0.25, 2, 7];
  const x = device.tensor(values, [2, 3]);
  x.requiresGrad = true;
  const y = swish({ x }, { beta: 1.5 });
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-1.5 * v));
  const expected = ndarray(
    [2, 3],
    values.map((v) => v * sigmoid(v)),
  );
  assertClose('swish', { shape: y.shape, data: await y.data() }, expected);
  swish({ x: y }, { beta: 1 }).backward(device.tensor(new Float32Array(6).fill(1), [2, 3]));
  assert.equal(x.grad!.shape, [2, 3]);
  await gradCheck((t) => swish({ x: swish({ x: t }, { beta: 1.5 }) }, { beta: 1 }), [x], { name: 'swish of swish' });
});

test('gradCheck passes on channels-last images and leaves the input alone', async () => {
  using _scope = device.scope();
  const values = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const x = device.tensor(values, [1, 3, 2, 4]);
  await gradCheck((t) => swish({ x: t }, { beta: 1 }), [x]);
  assert.equal(await x.data(), values);
  assert.is(x.grad, null);
});

test('gradCheck names function, input, index and both derivatives of a wrong backward', async () => {
  using _scope = device.scope();
  const wrong = defineSwish('x[i] * sigmoid', 'sigmoid');
  const x = device.tensor([0, 0, 1, 0], [2, 2]);
  let message = '';
  await gradCheck((t) => wrong({ x: t }, { beta: 1 }), [x], { name: 'wrongSwish' }).catch((error: Error) => {
    assert.instance(error, AutogradError);
    message = error.message;
  });
  const form = /gradCheck: wrongSwish: .* input 0 \[2, 2\] at \[1, 0\] is (\S+) by backward and (\S+) by central/;
  const [, analytic, numeric] = form.exec(message)!.map(Number);
  // weighted with cos(2), the third weight
  assert.ok(Math.abs(analytic / Math.cos(2) - 0.731) < 0.001, message);
  assert.ok(Math.abs(numeric / Math.cos(2) - 0.9277) < 0.001, message);
});

test('frozen inputs launch no backward', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2]);
  assert.not(swish({ x }, { beta: 1 }).requiresGrad);
});

test('its own checks and unknown inputs are ShapeErrors', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2]);
  assert.throws(
    () => swish({ x }, { beta: Number.NaN }),
    (error: Error) => error instanceof ShapeError,
  );
  assert.throws(
    () => swish({ z: x }, { beta: 1 }),
    (error: Error) => /unknown input 'z'/.test(error.message),
  );
});

test('a definition that would leave memory unwritten, or its scalars unbound, is refused', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2]);
  x.requiresGrad = true;
  const tensors = `
    @binding(0) @group(0) var<storage, read> x: array<f32>;
    @binding(1) @group(0) var<storage, read_write> y: array<f32>;`;
  const code = `${tensors} @compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) { y[i] = x[i]; }`;
  const copy = (output: string, wgsl = code) =>
    defineOperation<object, 'forward'>({
      name: 'copy',
      inputs: [{ name: 'x', layout: 'any' }],
      wgsl: { forward: wgsl },
      infer: (inputs) => ({ [output]: inputs.x }),
      forward: (_, { forward }) => [launch(forward, { params: {}, workgroups: [1] })],
      backward: () => [],
    });
  assert.throws(() => copy('z')({ x }, {}), /copy: infer must describe an output 'y' \(has z\)/);
  assert.throws(() => copy('y')({ x }, {}).backward(x), /copy backward: no launch writes 'dx'/);
  const config = `struct Config { a: f32 } @group(0) @binding(2) var<uniform> config: Config; ${code}`;
  assert.throws(
    () => copy('y', config),
    (error: Error) => error instanceof KernelError && /the uniforms here: config: Config/.test(error.message),
  );
});

test('WGSL that does not compile is a KernelError with its numbered source line', async () => {
  const broken = defineSwish('x[i] * sigmiod', '1.0');
  const throwing = await createDevice();
  const x = throwing.tensor([1, 2]);
  const error = await broken({ x }, { beta: 1 })
    .data()
    .catch((thrown: Error) => thrown);
  assert.instance(error, KernelError);
  assert.match((error as Error).message, /swish\/forward/);
  assert.match((error as Error).message, /> +\d+ \|.*sigmiod/);
});

function defineSwish(value: string, derivative: string) {
  const kernel = (bindings: string, statement: string) => `
    struct Params { elements: u32, beta: f32 }
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    ${bindings}
    @group(0) @binding(3) var<uniform> params: Params;
    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let i = id.x;
      if (i < params.elements) {
        let sigmoid = 1.0 / (1.0 + exp(-params.beta * x[i]));
        ${statement}
      }
    }`;
  return defineOperation({
    name: 'swish',
    inputs: [{ name: 'x', layout: 'any' }],
    wgsl: {
      forward: kernel('@group(0) @binding(1) var<storage, read_write> y: array<f32>;', `y[i] = ${value};`),
      backward: kernel(
        '@group(0) @binding(1) var<storage, read> dy: array<f32>;\n@group(0) @binding(2) var<storage, read_write> dx: array<f32>;',
        `dx[i] = dy[i] * (${derivative});`,
      ),
    },
    infer: ({ x }, { beta }: { beta: number }) => {
      if (Number.isNaN(beta)) throw new ShapeError('swish: beta must be a number');
      return { y: x };
    },
    forward: ({ inputs: { x }, options: { beta } }, { forward }) => [
      launch(forward, { params: { elements: sizeOf(x.shape), beta }, workgroups: flatGrid(sizeOf(x.shape), 64) }),
    ],
    saved: () => ['x'],
    backward: ({ inputs: { x }, options: { beta } }, { backward }) => [
      launch(backward, { params: { elements: sizeOf(x.shape), beta }, workgroups: flatGrid(sizeOf(x.shape), 64) }),
    ],
  });
}

test.run();

// Errors are typed, and say where, what was given and what would be right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../engine/apply.ts';
import type { Device } from '../../engine/device.ts';
import { conv2d } from '../../engine/functional/conv.ts';
import { linear, matmul } from '../../engine/functional/linear.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { conv2d as conv2dOperation } from '../../kernels/conv2d/conv2d.ts';
import { launch, type Operation } from '../../kernels/definition.ts';
import {
  AdapterError,
  DeviceLostError,
  DisposedError,
  KernelError,
  OutOfMemoryError,
  ShapeError,
} from '../../kernels/errors.ts';
import { link, parseShader } from '../../kernels/shader.ts';

const device = await createDevice();

test('shapes are checked at the door, before anything is allocated', () => {
  using _scope = device.scope();
  const x = device.empty([8, 3, 24, 24]);
  const { bytes } = device.memory();
  const message = 'conv2d: weight expects 64 input channels but x has 3 (x: [8, 3, 24, 24], weight: [128, 64, 3, 3])';
  const weight = device.empty([128, 64, 3, 3], { layout: 'convWeight' });
  const withWeight = device.memory().bytes;
  assert.throws(
    () => conv2d(x, weight),
    (error: Error) => error instanceof ShapeError && error.message === message,
  );
  assert.is(device.memory().bytes, withWeight);
  assert.ok(withWeight > bytes);
  assert.throws(
    () => linear(device.empty([2, 5]), device.empty([4, 6])),
    /linear: weight expects 6 input features but x has 5/,
  );
  assert.throws(() => matmul(device.empty([2, 5]), device.empty([4, 6])), /matmul: a has 5 columns but b has 4 rows/);
  assert.throws(() => device.tensor([1, 2, 3], [2, 2]), /3 values given for shape \[2, 2\]/);
  const labels = device.tensor([1, 2], [2], { dtype: 'uint32' });
  assert.throws(() => apply(conv2dOperation, { x: labels, weight }, {}), /conv2d: x must be float32, given uint32/);
});

test('a shader error names the file and shows numbered source lines', async () => {
  using own = await opened();
  using _scope = own.device.scope();
  broken(own.device, 'fn helper() -> f32 {\n  return 1u;\n}');
  const error = await rejection(own.device.idle());
  assert.instance(error, KernelError);
  assert.match(error.message, 'broken/forward does not compile');
  assert.match(error.message, />\s+\d+ \| {3}return 1u;/);
});

test('a refused launch is a KernelError with the name of the operation and its shapes', async () => {
  using own = await opened();
  using _scope = own.device.scope();
  broken(own.device, '', [70_000]);
  const error = await rejection(own.device.idle());
  assert.instance(error, KernelError);
  assert.match(error.message, 'broken/forward (y: [4])');
});

test('a buffer beyond the adapter is an OutOfMemoryError that names tensor, bytes and limit', () => {
  const elements = Math.ceil(device.gpu.limits.maxBufferSize / 4) + 64;
  assert.throws(
    () => device.empty([elements]),
    (error: Error) =>
      error instanceof OutOfMemoryError &&
      error.message.includes(`maxBufferSize is ${device.gpu.limits.maxBufferSize}`),
  );
});

test('a disposed tensor says so, with its shape', async () => {
  const x = device.tensor([1, 2, 3]);
  x.dispose();
  assert.throws(
    () => x.add(1),
    (error: Error) => error instanceof DisposedError && error.message.includes('[3]'),
  );
  assert.instance(await rejection(x.data()), DisposedError);
});

test('a lost device is a DeviceLostError from then on', async () => {
  const { device: own } = await opened();
  const x = own.tensor([1, 2, 3]);
  own.destroy();
  await own.gpu.lost;
  assert.throws(
    () => x.add(1),
    (error: Error) => error instanceof DeviceLostError,
  );
  assert.instance(await rejection(x.data()), DeviceLostError);
});

test('an adapter that is not there is an AdapterError that lists those there are', async () => {
  const error = await rejection(createDevice({ adapter: 'voodoo2' }));
  assert.instance(error, AdapterError);
  assert.match(error.message, /voodoo2/);
});

test('linking refuses clashing bindings and unknown constants', () => {
  const a = parseShader('a', '@group(0) @binding(0) var<storage, read> x: array<f32>;');
  const b = parseShader('b', '@group(0) @binding(0) var<storage, read> y: array<f32>;');
  assert.throws(() => link('ab', [a, b]), /binding 0 'y' clashes with 'x'/);
  assert.throws(() => link('a', [a], { ROWS: 4 }), /no top-of-file 'const' or 'alias' ROWS/);
  assert.throws(
    () => parseShader('c', '@group(0) @binding(0) var<storage, read> x: f32;'),
    /runtime-sized array is expected/,
  );
});

test.run();

async function opened() {
  const own = await createDevice();
  return { device: own, [Symbol.dispose]: () => own.destroy() };
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

/** Runs an operation of one launch whose WGSL holds `text`. */
function broken(own: Device, text: string, workgroups: [number] = [1]): void {
  const shader = parseShader(
    'broken/forward',
    `struct Params {\n  n: u32,\n}\n@group(0) @binding(0) var<storage, read_write> y: array<f32>;\n@group(0) @binding(1) var<uniform> params: Params;\n${text}\n@compute @workgroup_size(1)\nfn main() {\n  y[params.n] = 1;\n}\n`,
  );
  const operation: Operation<Record<string, never>> = {
    name: 'broken',
    inputs: [],
    shaders: [shader],
    infer: () => ({ y: { shape: [4], dtype: 'float32', order: [0] } }),
    forward: () => ({ launches: [launch(shader, { params: { n: 0 }, workgroups })] }),
  };
  apply(operation, {}, {}, { device: own });
}

// The tuner: what is measured is used, within its class and on its adapter only; nothing is measured unless asked for.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../engine/apply.ts';
import type { Device } from '../../engine/device.ts';
import { linear as linearOf } from '../../engine/functional/linear.ts';
import { rand } from '../../engine/functional/random.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { profile } from '../../engine/profile/index.ts';
import {
  formatTuning,
  measureVariants,
  parseTuning,
  type TunedChoice,
  Tuner,
  type TuningMode,
} from '../../engine/tune/index.ts';
import { problemKey } from '../../engine/tune/tuningKey.ts';
import { conv2d } from '../../kernels/conv2d/conv2d.ts';
import { launch, type Operation, type Problem, type Shape, spec } from '../../kernels/definition.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { linear } from '../../kernels/linear/linear.ts';
import { parseShader } from '../../kernels/shader.ts';

const test = suite('tune');
const device = await createDevice();
test.after.each(() => {
  device.tuner = null;
});

/** y = x, by kernels that differ in their names only. */
const copies = Object.fromEntries(
  ['plain', 'quick', 'exotic'].map((name) => [
    name,
    parseShader(
      `pretend/${name}`,
      `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) { y[id.x] = x[id.x]; }
}`,
    ),
  ]),
);
const pretend: Operation<{ scale?: number }> = {
  name: 'pretend',
  inputs: [{ name: 'x', layout: 'any' }],
  variants: [
    { name: 'plain', idea: '' },
    { name: 'quick', idea: '' },
    { name: 'exotic', idea: '', supported: () => false },
  ],
  shaders: Object.values(copies),
  infer: ({ x }) => ({ y: x }),
  forward: ({ variant = 'plain', inputs }) => ({
    launches: [launch(copies[variant], { params: {}, workgroups: [Math.ceil(inputs.x.shape[0] / 64)] })],
  }),
};

const choice = (variant: string | null): TunedChoice => ({ variant, times: { plain: 2, quick: 1, default: 2 } });

test('by default nothing is tuned: every room chooses by itself', async () => {
  assert.is(device.tuner, null);
  assert.is(await kernelOf([100]), 'pretend/plain');
});

test('a measured choice is used, for problems of its class only', async () => {
  install('cached', [100], choice('quick'));
  assert.is(await kernelOf([100]), 'pretend/quick');
  assert.is(await kernelOf([101]), 'pretend/plain');
});

test('off, a forced variant, and a choice of the default leave the problem as it is', async () => {
  install('off', [100], choice('quick'));
  assert.is(await kernelOf([100]), 'pretend/plain');
  install('cached', [100], choice('quick'));
  assert.is(await kernelOf([100], 'plain'), 'pretend/plain');
  install('cached', [100], choice(null));
  assert.is(await kernelOf([100]), 'pretend/plain');
});

test('a variant that this adapter does not support, or that is unknown, is never chosen', async () => {
  for (const variant of ['exotic', 'gone', 'toString']) {
    install('cached', [100], choice(variant));
    assert.is(await kernelOf([100]), 'pretend/plain', variant);
  }
});

test('a choice made before a variant was added is not used', async () => {
  install('cached', [100], { variant: 'plain', times: { plain: 1, default: 1 } });
  const problem = problemOf([100]);
  assert.is(device.tuner!.tuned(pretend, problem), problem);
});

test('what is met is measured once, without what is not supported, and used from then on', async () => {
  device.tuner = new Tuner({ mode: 'measure', adapter: 'here' });
  const x = rand(device, [100]);
  for (let i = 0; i < 3; i++) apply(pretend, { x }, {});
  assert.is(device.tuner.pending.length, 1);
  const before = device.memory();
  const [measured, ...others] = await measureVariants(device, { runs: 2 });
  assert.is(others.length, 0);
  assert.equal(Object.keys(measured.times).sort(), ['default', 'plain', 'quick']);
  assert.ok(Object.values(measured.times).every((time) => time !== null && time >= 0));
  assert.is(measured.byDefault, 'plain');
  assert.is(measured.times.plain, measured.times.default); // one kernel is timed once
  assert.is(device.memory().bytes, before.bytes);
  assert.is(device.tuner.pending.length, 0);
  apply(pretend, { x }, {});
  assert.is(device.tuner.pending.length, 0);
  const [kept] = device.tuner.choices.values();
  assert.is(await kernelOf([100]), `pretend/${kept.variant ?? 'plain'}`);
});

test('measuring without a tuner is refused', async () => {
  try {
    await measureVariants(device);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ShapeError);
  }
});

test('classes round batch and image to powers of two, and keep channels, weights, options and passes apart', () => {
  const key = (x: Shape, weight: Shape, { options = {}, wanted }: { options?: object; wanted?: string[] } = {}) =>
    problemKey(
      conv2d as unknown as Operation<never>,
      { inputs: { x: spec(x), weight: spec(weight, 'float32', 'convWeight') }, options },
      wanted && new Set(wanted),
    );
  const base = key([8, 64, 56, 56], [64, 64, 3, 3]);
  assert.is(key([7, 64, 60, 50], [64, 64, 3, 3]), base);
  const others = [
    key([16, 64, 56, 56], [64, 64, 3, 3]),
    key([8, 65, 56, 56], [64, 64, 3, 3]),
    key([8, 64, 28, 56], [64, 64, 3, 3]),
    key([8, 64, 56, 56], [60, 64, 3, 3]),
    key([8, 64, 56, 56], [64, 64, 3, 3], { options: { stride: 2 } }),
    key([8, 64, 56, 56], [64, 64, 3, 3], { wanted: ['x'] }),
    key([8, 64, 56, 56], [64, 64, 3, 3], { wanted: ['weight'] }),
  ];
  assert.is(new Set([base, ...others]).size, others.length + 1);
});

test('a changed kernel makes another class', () => {
  const changed = { ...pretend, shaders: [copies.plain] };
  const key = (operation: typeof pretend) => problemKey(operation as unknown as Operation<never>, problemOf([100]));
  assert.is.not(key(changed), key(pretend));
});

test('the gradients of both factors are chosen apart, and add up to the same pass', async () => {
  const inputs = { x: spec([6, 8]), weight: spec([4, 8], 'float32', 'linearWeight'), bias: spec([4]) };
  const problem: Problem<Record<string, never>> = {
    ...{ inputs, outputs: linear.infer(inputs, {}), options: {}, device: device.capabilities },
  };
  const operation = linear as unknown as Operation<never>;
  const [first, second] = linear.variants!.map(({ name }) => name);
  const times = Object.fromEntries(linear.variants!.map(({ name }) => [name, 1]));
  const choices = new Map([
    [problemKey(operation, problem, new Set(['x'])), { variant: first, times }],
    [problemKey(operation, problem, new Set(['weight', 'bias'])), { variant: second, times }],
  ]);
  const tuner = new Tuner({ mode: 'cached', adapter: 'here', choices });
  const parts = tuner.backwardParts(linear, problem, new Set(['x', 'weight', 'bias']));
  assert.equal(
    parts.map(({ problem: { variant }, wanted }) => [variant, ...wanted]),
    [
      [first, 'x'],
      [second, 'weight', 'bias'],
    ],
  );
  const [untuned, tuned] = [await gradients(null), await gradients(tuner)];
  for (const [i, expected] of untuned.entries()) {
    for (const [at, value] of expected.entries()) assert.ok(Math.abs(tuned[i][at] - value) < 1e-5);
  }
});

test('names that mean something to JavaScript are names like others', () => {
  const text = `{"format":"wgrad tuning","version":1,"adapters":{"__proto__":{"__proto__":{"variant":"polluted","times":{"__proto__":1}}}}}`;
  const cache = parseTuning('a file', text);
  assert.is(cache.get('__proto__')!.get('__proto__')!.variant, 'polluted');
  assert.equal(parseTuning('a file', formatTuning(cache)), cache);
  assert.is(({} as Record<string, unknown>).variant, undefined);
  assert.throws(
    () => parseTuning('a file', '{'),
    (error: unknown) => error instanceof FormatError,
  );
});

test.run();

function problemOf(shape: Shape): Problem<{ scale?: number }> {
  return { inputs: { x: spec(shape) }, outputs: { y: spec(shape) }, options: {}, device: device.capabilities };
}

function install(mode: TuningMode, shape: Shape, tuned: TunedChoice): void {
  const key = problemKey(pretend as unknown as Operation<never>, problemOf(shape));
  device.tuner = new Tuner({ mode, adapter: 'here', choices: new Map([[key, tuned]]) });
}

/** The kernel that runs for a shape. */
async function kernelOf(shape: Shape, variant?: string): Promise<string> {
  const x = rand(device, shape);
  const run = () => void apply(pretend, { x }, {}, { variant });
  const { dispatches } = await profile(device, run, { steps: 1, warmUp: 0 });
  return dispatches.find(({ operation }) => operation === 'pretend')!.kernel;
}

/** Of a linear layer's x, weight and bias. */
async function gradients(tuner: Device['tuner']): Promise<Float32Array[]> {
  device.tuner = tuner;
  const filled = (shape: Shape, layout: 'any' | 'linearWeight' = 'any') => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const tensor = device.tensor(
      Float32Array.from({ length: size }, (_, i) => Math.sin(i + size)),
      shape,
      { layout },
    );
    tensor.requiresGrad = true;
    return tensor;
  };
  const tensors = [filled([6, 8]), filled([4, 8], 'linearWeight'), filled([4])];
  const y = linearOf(tensors[0], tensors[1], tensors[2]);
  y.mul(y).sum().backward();
  return Promise.all(tensors.map(async ({ grad }) => (await grad!.data()) as Float32Array));
}

// The profiler: what ran is attributed to its layer and counted; the model computes what it computes unwatched.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Device } from '../../engine/device.ts';
import { relu } from '../../engine/functional/activation.ts';
import { conv2d } from '../../engine/functional/conv.ts';
import { linear, matmul } from '../../engine/functional/linear.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { rand } from '../../engine/functional/random.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import { flopOf } from '../../engine/profile/flop.ts';
import {
  chromeTrace,
  type InPhase,
  kernelRows,
  layerRows,
  measureRoof,
  type ProfiledDispatch,
  profile,
  type Roof,
  totalsOf,
} from '../../engine/profile/index.ts';
import { launch, type Operation, spec } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { parseShader } from '../../kernels/shader.ts';
import { LeNet5 } from '../../models/lenet.ts';

const test = suite('profile');
const device = await createDevice();
const roof: Roof = { bytesPerSecond: 1e9, flopPerSecond: 1e10 };
const LAYERS = ['conv1', 'conv2', 'fc1', 'fc2', 'fc3'];
const BATCH = 2;

function lenetStep(on = device) {
  const model = new LeNet5().to(on);
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const images = Float32Array.from({ length: BATCH * 28 * 28 }, (_, i) => Math.sin(i));
  const run = (inPhase: InPhase = (_, work) => work()) => {
    const x = on.tensor(images, [BATCH, 1, 28, 28]);
    const labels = on.tensor([3, 7], [BATCH], { dtype: 'uint32' });
    const loss = crossEntropy(model.call(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    inPhase('optimizer', () => optimizer.step());
  };
  return { model, run };
}

for (const clock of ['timestamps', 'wallClock'] as const) {
  if (clock === 'timestamps' && !device.gpu.features.has('timestamp-query')) continue;
  test(`every layer of LeNet-5 appears, forward and backward, by ${clock}`, async () => {
    const { model, run } = lenetStep();
    const result = await profile(device, run, { model, steps: 2, warmUp: 1, clock });
    assert.is(result.clock, clock);
    const layersIn = (phase: string) => [
      ...new Set(result.dispatches.filter((dispatch) => dispatch.phase === phase).map(({ layer }) => layer)),
    ];
    // '' is the model's own forward (activations, pooling), null the loss
    assert.equal(layersIn('forward').sort(), ['', ...LAYERS, null].sort());
    assert.equal(layersIn('backward').sort(), ['', ...LAYERS, null].sort());
    assert.equal(layersIn('optimizer'), [null]);
    for (const { layer, operation } of result.dispatches) {
      if (layer?.startsWith('conv')) assert.ok(['conv2d', 'reorder'].includes(operation), operation);
      if (layer?.startsWith('fc')) assert.ok(['linear', 'reorder'].includes(operation), operation);
    }
    assert.ok(result.stepMs > 0);
    assert.ok(result.dispatches.every(({ start, duration }) => start >= 0 && duration >= 0));
    assert.ok(result.dispatches.some(({ duration }) => duration > 0));
    model.dispose();
  });
}

test('a profiled step has the dispatches that the recorder counts', async () => {
  const { model, run } = lenetStep();
  let aStep = 0;
  for (let i = 0; i < 2; i++) {
    using _ = device.scope();
    const before = device.recorder.dispatches;
    run();
    aStep = device.recorder.dispatches - before; // the first step makes the optimizer's states, too
  }
  const result = await profile(device, run, { model, steps: 3, warmUp: 0 });
  for (let step = 0; step < 3; step++) {
    assert.is(result.dispatches.filter((dispatch) => dispatch.step === step).length, aStep);
  }
  const total = totalsOf(layerRows(result, roof));
  assert.is(total.dispatches, aStep);
  assert.is(totalsOf(kernelRows(result, roof)).dispatches, aStep);
  model.dispose();
});

test('a watched model ends in the bytes of an unwatched one, and nobody watches afterwards', async () => {
  const [watched, unwatched] = [lenetStep(), lenetStep()];
  await profile(device, watched.run, { model: watched.model, steps: 1, warmUp: 1 });
  assert.is(device.recorder.profiler, null);
  for (let i = 0; i < 3; i++) {
    using _ = device.scope();
    unwatched.run();
  }
  const expected = new Map(unwatched.model.namedParameters());
  for (const [name, parameter] of watched.model.namedParameters()) {
    assert.equal(await parameter.data(), await expected.get(name)!.data(), name);
  }
});

test('a step that throws leaves the device unwatched', async () => {
  let runs = 0;
  const failing = () => {
    relu(rand(device, [4]));
    if (++runs > 1) throw new Error('as asked');
  };
  try {
    await profile(device, failing, { steps: 1, warmUp: 0 });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'as asked');
  }
  assert.is(device.recorder.profiler, null);
});

test('steps that are no positive integer are refused', async () => {
  for (const steps of [0, -1, 1.5, Number.NaN, Infinity]) {
    try {
      await profile(device, () => {}, { steps });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ShapeError);
    }
  }
});

test('a convolution counts two operations for each product, forward and for either gradient', async () => {
  const products = 2 * (3 * 5 * 8 * 8) * (4 * 3 * 3); // 2 · outputs [3, 5, 8, 8] · taps of 4 channels
  const x = rand(device, [3, 4, 16, 16]);
  const weight = rand(device, [5, 4, 3, 3]);
  for (const tensor of [x, weight]) tensor.requiresGrad = true;
  const dispatches = await dispatchesOf(() => conv2d(x, weight, undefined, { stride: 2, padding: 1 }).sum().backward());
  const own = (phase: string) => flopIn(dispatches, 'conv2d', phase);
  assert.is(own('forward'), products);
  // what adds partial sums up comes on top
  assert.ok(own('backward') >= 2 * products && own('backward') < 2.2 * products, `${own('backward')}`);
});

test('grouped convolutions, linear layers and transposed matrix products are counted', async () => {
  const grouped = await dispatchesOf(() =>
    conv2d(rand(device, [2, 8, 6, 6]), rand(device, [8, 2, 1, 1]), undefined, { groups: 4 }),
  );
  assert.is(flopIn(grouped, 'conv2d'), 2 * (2 * 8 * 6 * 6) * 2);
  const fc = await dispatchesOf(() => linear(rand(device, [3, 10]), rand(device, [7, 10]), rand(device, [7])));
  assert.is(flopIn(fc, 'linear'), 2 * 3 * 7 * 10);
  const product = await dispatchesOf(() =>
    matmul(rand(device, [6, 4]), rand(device, [9, 6]), { transposeA: true, transposeB: true }),
  );
  assert.is(flopIn(product, 'matmul'), 2 * 4 * 9 * 6);
});

test('pieces of a launch that was cut add up to the whole', async () => {
  const small = new Device(device.gpu, { kind: device.capabilities.kind, adapterName: 'cut', bindingLimit: 4096 });
  const [x, weight] = [rand(small, [8, 4, 8, 8]), rand(small, [4, 4, 3, 3])];
  const dispatches = await dispatchesOf(() => conv2d(x, weight, undefined, { padding: 1 }), small);
  assert.ok(dispatches.length > 1);
  assert.is(Math.round(flopIn(dispatches, 'conv2d')), 2 * (8 * 4 * 8 * 8) * (4 * 3 * 3));
});

test('operands that are transformed on the way are followed to the launch that multiplies them', () => {
  const shader = parseShader(
    'pretend/product',
    `@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;`,
  );
  const one = parseShader(
    'pretend/transform',
    `@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;`,
  );
  const operation = {
    name: 'pretend',
    inputs: [
      { name: 'x', layout: 'channelsLast' },
      { name: 'weight', layout: 'convWeight' },
    ],
  } as unknown as Operation<never>;
  const problem = {
    inputs: { x: spec([1, 2, 4, 4]), weight: spec([3, 2, 1, 1]) },
    outputs: { y: spec([1, 3, 4, 4]) },
    options: {},
    device: device.capabilities,
  };
  const of = (file: typeof shader, bind: Record<string, string>, workgroups = 1) => ({
    launch: launch(file, { bind, params: {}, workgroups: [workgroups] }),
    workgroups,
    elements: Object.fromEntries(Object.keys(file.bindings).map((name) => [name, 10])),
  });
  const flop = flopOf({ operation, problem }, [
    of(one, { source: 'x', result: 'v' }),
    of(one, { source: 'weight', result: 'u' }),
    of(shader, { left: 'v', right: 'u', result: 'halves' }, 3),
    of(shader, { left: 'v', right: 'u', result: 'halves' }, 1),
    of(one, { source: 'halves', result: 'y' }),
  ]);
  const products = 2 * (3 * 4 * 4) * 2;
  assert.equal(flop, [10, 10, products * 0.75, products * 0.25, 10]);
});

test('bytes are those of the bound ranges; what is updated in place counts twice', async () => {
  const [x, y] = [rand(device, [1000]), rand(device, [1000])];
  const [add] = await dispatchesOf(() => x.add(y));
  assert.is(add.bytes, 3 * 4000);
  const parameter = new LeNet5().to(device);
  const optimizer = new SGD(parameter.parameters(), { lr: 0.1 });
  for (const each of parameter.parameters()) each.grad = rand(device, each.shape);
  const [update] = (await dispatchesOf(() => optimizer.step())).filter(({ operation }) => operation === 'sgd');
  assert.ok(update.bytes >= 3 * 4 * 61_706 && update.bytes < 3.03 * 4 * 61_706, `${update.bytes}`);
});

test('rows of layers and of kernels split the same step', async () => {
  const { model, run } = lenetStep();
  const result = await profile(device, run, { model, steps: 1, warmUp: 1 });
  const [byLayer, byKernel] = [layerRows(result, roof), kernelRows(result, roof)];
  assert.equal([...new Set(byLayer.map(({ phase }) => phase))], ['forward', 'backward', 'optimizer']);
  const [a, b] = [totalsOf(byLayer), totalsOf(byKernel)];
  assert.is(a.bytes, b.bytes);
  assert.is(a.peakBytes, b.peakBytes);
  assert.ok(a.peakBytes > 61_706 * 4 * 2);
  assert.ok(Math.abs(a.flop / b.flop - 1) < 1e-9 && Math.abs(a.milliseconds / b.milliseconds - 1) < 1e-9);
  for (const rows of [byLayer, byKernel]) {
    assert.ok(Math.abs(rows.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
  }
  assert.ok(byKernel.every((row, i) => i === 0 || row.milliseconds <= byKernel[i - 1].milliseconds));
});

test('the share of the roof is the time it allows over the time taken', () => {
  const dispatch: ProfiledDispatch = {
    ...{ step: 0, phase: 'forward', layer: 'a', operation: 'relu', kernel: 'relu/forward', workgroups: [1, 1, 1] },
    ...{ flop: 1e6, bytes: 1e6, liveBytes: 5, start: 0, duration: 4e6 },
  };
  const dispatches = [dispatch, { ...dispatch, flop: 1e8, start: 4e6, duration: 20e6 }];
  const about = { adapter: 'none', clock: 'timestamps', steps: 1, stepMs: 24 } as const;
  const [row] = layerRows({ ...about, dispatches }, roof);
  assert.is(row.milliseconds, 24);
  assert.is(row.ofRoof, (1 + 10) / 24); // a million bytes take 1 ms, a hundred million operations 10
  assert.is(row.bound, 'compute');
});

test('the roof is measured in positive numbers and leaves no memory in use', async () => {
  const before = device.memory().bytes;
  const { bytesPerSecond, flopPerSecond } = await measureRoof(device);
  assert.ok(bytesPerSecond > 1e6 && Number.isFinite(bytesPerSecond), `${bytesPerSecond}`);
  assert.ok(flopPerSecond > 1e6 && Number.isFinite(flopPerSecond), `${flopPerSecond}`);
  assert.is(device.memory().bytes, before);
});

test('the trace has a span for each dispatch, within its layer, within its step', async () => {
  const { model, run } = lenetStep();
  const result = await profile(device, run, { model, steps: 2, warmUp: 0 });
  const { traceEvents } = JSON.parse(JSON.stringify(chromeTrace(result))) as ReturnType<typeof chromeTrace>;
  const track = (name: string) => {
    const { tid } = traceEvents.find((event) => event.name === 'thread_name' && event.args?.name === name)!;
    return traceEvents.filter((event) => event.ph === 'X' && event.tid === tid);
  };
  assert.is(track('steps').length, 2);
  assert.is(track('kernels').length, result.dispatches.length);
  for (const layer of LAYERS) {
    for (const phase of ['forward', 'backward']) {
      const found = track('layers').filter(({ name, cat }) => name === layer && cat === phase);
      assert.ok(found.length >= 2, `${layer} ${phase}`);
    }
  }
  const lies = (inner: { ts?: number; dur?: number }, outer: { ts?: number; dur?: number }) =>
    outer.ts! <= inner.ts! && inner.ts! + inner.dur! <= outer.ts! + outer.dur! + 1e-6;
  for (const event of track('kernels')) {
    assert.ok(
      track('layers').some((layer) => layer.cat === event.cat && lies(event, layer)),
      event.name,
    );
    assert.ok(track('steps').some((step) => lies(event, step)));
  }
});
test.run();

async function dispatchesOf(run: () => unknown, on = device): Promise<readonly ProfiledDispatch[]> {
  return (await profile(on, () => void run(), { steps: 1, warmUp: 0 })).dispatches;
}

function flopIn(dispatches: readonly ProfiledDispatch[], operation: string, phase = 'forward'): number {
  return dispatches
    .filter((dispatch) => dispatch.operation === operation && dispatch.phase === phase)
    .reduce((sum, { flop }) => sum + flop, 0);
}

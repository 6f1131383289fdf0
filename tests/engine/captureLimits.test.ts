// What captured steps hold, when they cannot be made, and when they no longer hold.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planSlots } from '../../engine/capture/planSlots.ts';
import { crossEntropy } from '../../engine/functional/index.ts';
import { BatchNorm2d, Dropout, Linear, type Module, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD, StepLR } from '../../engine/optim/index.ts';
import { Profiler } from '../../engine/profile/profiler.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { CaptureError, DisposedError } from '../../kernels/errors.ts';
import { LeNet5 } from '../../models/lenet.ts';
import { RESNET_ENTRIES } from '../../models/resnet.ts';

const device = await createDevice();
const test = suite('capture: limits');

const perceptron = () => new Sequential(new Linear(12, 16), new ReLU(), new Dropout(0.4), new Linear(16, 10));

/** A model with an optimizer, its input and its step; all is freed with it. */
function setUp(model: Module = perceptron(), shape = [4, 12]) {
  model.to(device, { seed: 2 });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const size = shape.reduce((product, extent) => product * extent);
  const x = device.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i)),
    shape,
  );
  const labels = device.tensor(Uint32Array.from({ length: shape[0] }, (_, i) => (3 * i) % 10));
  const step = () => {
    const loss = crossEntropy(model.call(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const dispose = () => {
    optimizer.dispose();
    for (const each of [model, x, labels]) each.dispose();
  };
  return { model, optimizer, x, labels, step, [Symbol.dispose]: dispose };
}

const refused = (reason: RegExp) => (error: unknown) => error instanceof CaptureError && reason.test(error.message);

test('a captured step of ResNet-18 needs at least 30 % less memory than an eager one', async () => {
  const { create } = RESNET_ENTRIES.find(({ name }) => name === 'resnet18')!;
  using setting = setUp(create({ numClasses: 10 }) as Module, [2, 3, 64, 64]);
  const { step } = setting;
  device.tidy(() => void step()); // makes the optimizer's states
  device.trimMemory();
  const before = device.memory();
  device.tidy(() => void step());
  const after = device.memory();
  const eager = after.reservedBytes - before.reservedBytes;
  device.trimMemory();
  using captured = device.capture(step);
  const { bytes, eagerBytes, eagerPeakBytes } = captured.memory;
  assert.is(eagerBytes, eager, 'what it tells of the eager step');
  assert.is(device.memory().reservedBytes, before.reservedBytes + bytes, 'what it tells of itself');
  assert.ok(bytes <= 0.7 * eager, `${bytes} of ${eager}`);
  assert.ok(bytes <= eagerPeakBytes, `${bytes} of ${eagerPeakBytes}`);
  await device.idle();
});

const interval = (bytes: number, first: number, last: number) => ({ bytes, first, last, uses: new Set([first, last]) });

test('slots are shared by those that never live at once, also in parts, and by no two of one dispatch', () => {
  const intervals = [
    interval(1024, 0, 1),
    interval(512, 1, 5),
    interval(512, 2, 9),
    interval(512, 3, 6),
    interval(256, 4, 5),
  ];
  const { slots, places } = planSlots(intervals);
  assert.equal(slots, [1024, 512, 256]);
  assert.equal(places, [
    { slot: 0, offset: 0 },
    { slot: 1, offset: 0 }, // both are of entry 1
    { slot: 0, offset: 0 },
    { slot: 0, offset: 512 },
    { slot: 2, offset: 0 },
  ]);
  assert.equal(planSlots([]), { slots: [], places: [] });
});

test('no two temporaries of a random plan meet in memory or in a dispatch, and a result starts its slot', () => {
  let state = 1;
  const random = (below: number) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  const intervals = Array.from({ length: 300 }, () => {
    const first = random(100);
    return { ...interval(256 * (1 + random(40)), first, first + random(20)), isFirst: random(10) === 0 };
  });
  const { slots, places } = planSlots(intervals);
  for (const [i, a] of intervals.entries()) {
    const { slot, offset } = places[i];
    assert.ok(offset + a.bytes <= slots[slot]);
    if (a.isFirst) assert.is(offset, 0);
    for (const [j, b] of intervals.slice(0, i).entries()) {
      if (slot !== places[j].slot || a.last < b.first || b.last < a.first) continue;
      assert.ok(offset + a.bytes <= places[j].offset || places[j].offset + b.bytes <= offset, `${i} and ${j}`);
      assert.not([...a.uses].some((entry) => b.uses.has(entry)));
    }
  }
});

test('memory is flat over 100 replays, and disposing gives all of it back', async () => {
  using setting = setUp(new LeNet5(), [2, 1, 28, 28]);
  {
    using _ = device.scope();
    setting.step();
  }
  const before = device.memory();
  const captured = device.capture(setting.step);
  await device.idle();
  const held = device.memory();
  for (let i = 0; i < 100; i++) captured.replay();
  await device.idle();
  const { peakBytes: _, ...after } = device.memory();
  const { peakBytes: __, ...first } = held;
  assert.equal(after, first);
  captured.dispose();
  captured.dispose();
  assert.is(device.memory().bytes, before.bytes);
  assert.is(device.memory().tensors, before.tensors);
  assert.throws(() => captured.replay(), refused(/it was disposed/));
});

test('results can be read while later replays are under way, each with the values of its own step', async () => {
  using setting = setUp();
  const captured = device.capture(setting.step);
  const reads = [captured.result.item()];
  for (let i = 0; i < 5; i++) reads.push(captured.replay().item());
  const losses = await Promise.all(reads);
  assert.is(new Set(losses).size, 6);
  captured.dispose();
  await captured.result.item().then(
    () => assert.unreachable(),
    (error) => assert.instance(error, DisposedError),
  );
});

test('results may be any nesting of tensors, and other values stay as they are', async () => {
  const x = device.tensor([1, 2, 3]);
  using captured = device.capture(() => ({ doubled: x.mul(2), more: [x.add(1)], count: 7, x }));
  x.write([4, 5, 6]);
  const { doubled, more, count, x: same } = captured.replay();
  assert.equal([...(await doubled.data())], [8, 10, 12]);
  assert.equal([...(await more[0].data())], [5, 6, 7]);
  assert.is(count, 7);
  assert.is(same, x);
  captured.dispose();
  assert.not(x.isDisposed);
  x.dispose();
});

test('gradients of leaves without an optimizer are there after a replay, though they were cleared before it', async () => {
  const w = device.tensor([1, 2, 3]);
  w.requiresGrad = true;
  const x = device.tensor([1, 1, 1]);
  const captured = device.capture(() => {
    w.grad = null;
    w.mul(x).mul(w).sum().backward();
  });
  assert.equal([...(await w.grad!.data())], [2, 4, 6]);
  w.grad = null;
  x.write([2, 2, 2]);
  captured.replay();
  assert.equal([...(await w.grad!.data())], [4, 8, 12]);
  captured.dispose();
  assert.is(w.grad, null);
  for (const tensor of [w, x]) tensor.dispose();
});

test('eager steps between replays are seen by them', async () => {
  const losses = async (isMixed: boolean) => {
    device.manualSeed(1);
    using setting = setUp();
    const eager = () => device.tidy(setting.step).item();
    const captured = isMixed ? device.capture(setting.step) : undefined;
    const first = captured ? captured.result.item() : eager();
    const all = [first];
    for (let i = 0; i < 4; i++) all.push(captured && i % 2 ? captured.replay().item() : eager());
    const values = await Promise.all(all);
    captured?.dispose();
    return values;
  };
  assert.equal(await losses(true), await losses(false));
});

const refusals: Record<string, [reason: RegExp, (setting: ReturnType<typeof setUp>) => void]> = {
  'values from JavaScript': [
    /come from JavaScript/,
    ({ step }) => {
      step();
      device.tensor([1, 2]);
    },
  ],
  'a read': [
    /is read in the step/,
    ({ step }) =>
      void step()
        .item()
        .catch(() => undefined),
  ],
  'gradients that are not cleared': [/call zeroGrad\(\)/, ({ model, x }) => (model.call(x) as Tensor).sum().backward()],
  'a capture inside': [/already/, ({ step }) => void device.capture(step)],
  'a model made inside': [/get their memory in the step/, () => void new Linear(2, 2).to(device)],
  'a gradient hook': [
    /gradient hook/,
    ({ model, x, optimizer }) => {
      const y = model.call(x) as Tensor;
      y.registerHook(() => undefined);
      optimizer.zeroGrad();
      y.sum().backward();
    },
  ],
};
for (const [name, [reason, fn]] of Object.entries(refusals)) {
  test(`${name} cannot be captured, and the attempt leaves no trace`, async () => {
    const run = async (isTried: boolean) => {
      device.manualSeed(9);
      using setting = setUp();
      device.tidy(setting.step).dispose();
      setting.optimizer.zeroGrad();
      const before = device.memory();
      if (isTried) {
        assert.throws(() => device.capture(() => fn(setting)), refused(reason));
        assert.is(device.memory().bytes, before.bytes);
      }
      const losses = [device.tidy(setting.step), device.tidy(setting.step)];
      const values = await Promise.all(losses.map((loss) => loss.item()));
      for (const loss of losses) loss.dispose();
      return { values, counter: device.random.counter, steps: (await setting.optimizer.stateDict()).steps };
    };
    assert.equal(await run(true), await run(false));
  });
}

test('a scheduler within the step is refused: its steps would not be repeated', () => {
  using setting = setUp();
  const scheduler = new StepLR(setting.optimizer, { stepSize: 1, gamma: 0.5 });
  const step = () => {
    setting.step();
    scheduler.step();
  };
  assert.throws(() => device.capture(step), refused(/step schedulers after it/));
});

test('module hooks, a cumulative batch norm, results of outer operations, profilers and debug devices are refused', async () => {
  using setting = setUp();
  const { model, step, x } = setting;
  const remove = model.registerForwardHook(() => undefined);
  assert.throws(() => device.capture(step), refused(/the module has a hook/));
  remove();
  const norm = new BatchNorm2d(3, { momentum: null }).to(device);
  const images = device.tensor(new Float32Array(24), [2, 3, 2, 2]);
  assert.throws(() => device.capture(() => norm.call(images)), refused(/momentum null/));
  assert.is(norm.numBatchesTracked!.value, 0);
  const outer = model.call(x) as Tensor;
  assert.throws(() => device.capture(() => outer.sum()), refused(/outside the step/));
  const profiler = new Profiler(device);
  assert.throws(() => device.capture(step), refused(/profiler/));
  profiler.abandon();
  for (const tensor of [norm, images, outer]) tensor.dispose();
  Object.assign(device, { debug: true });
  assert.throws(() => device.capture(step), refused(/debug/));
  Object.assign(device, { debug: false });
});

test('an asynchronous function is refused, and an error of its own comes through', () => {
  assert.throws(() => device.capture(async () => 0), TypeError);
  assert.throws(
    () =>
      device.capture(() => {
        throw new RangeError('mine');
      }),
    RangeError,
  );
  assert.is(device.recorder.tape, null);
});

const changes: Record<string, [reason: RegExp, (setting: ReturnType<typeof setUp>) => (() => void) | undefined]> = {
  'a module went to eval mode': [
    /went to eval mode/,
    ({ model }) => {
      model.children()[2].eval();
      return () => model.train();
    },
  ],
  'requiresGrad changed': [
    /requiresGrad/,
    ({ model }) => {
      model.parameters()[0].requiresGrad = false;
      return () => model.requiresGrad_();
    },
  ],
  'a hook was registered on a module': [
    /a hook/,
    ({ model }) => model.children()[1].registerForwardHook(() => undefined),
  ],
  'a hook was registered on a parameter': [
    /a hook/,
    ({ model }) => model.parameters()[0].registerHook(() => undefined),
  ],
  'a profiler is attached': [
    /profiler/,
    () => {
      const profiler = new Profiler(device);
      return () => profiler.abandon();
    },
  ],
  'momentum was switched off': [
    /other states/,
    ({ optimizer }) => {
      optimizer.paramGroups[0].momentum = 0;
      return () => {
        optimizer.paramGroups[0].momentum = 0.9;
      };
    },
  ],
  'its input was disposed': [/was disposed/, ({ x }) => void x.dispose()],
  'its optimizer was disposed': [/optimizer was disposed/, ({ optimizer }) => void optimizer.dispose()],
  'another optimizer took the parameters': [
    /moved to other memory/,
    ({ model }) => {
      const other = new SGD(model.parameters(), { lr: 1 });
      return void test.after(() => other.dispose());
    },
  ],
};
for (const [name, [reason, change]] of Object.entries(changes)) {
  test(`a captured step is stale once ${name}`, () => {
    using setting = setUp();
    using captured = device.capture(setting.step);
    assert.is(captured.stale, undefined);
    const { counter } = device.random;
    const undo = change(setting);
    assert.match(captured.stale!, reason);
    assert.throws(() => captured.replay(), refused(reason));
    assert.is(device.random.counter, counter);
    undo?.();
    if (undo) captured.replay();
  });
}

test.run();

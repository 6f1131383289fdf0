// Memory may end at any allocation of a step: what the step made is freed, and a smaller one works.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from '../../engine/device.ts';
import { matmul } from '../../engine/functional/index.ts';
import { onHost } from '../../engine/hostMemory.ts';
import { Conv2d, Linear, Module, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, clipGradNorm, GradScaler, SGD } from '../../engine/optim/index.ts';
import { sizeClass } from '../../engine/pool.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { OutOfMemoryError, ShapeError } from '../../kernels/errors.ts';
import { batch, failAt, failAtEach, lossOf, parametersOf, smallNet } from './endOfMemory.ts';

const test = suite('out of memory');

let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => device.destroy());

function held({ tensors, bytes }: { tensors: number; bytes: number } = device.memory()) {
  return { tensors, bytes };
}

function thrown(fn: () => unknown): OutOfMemoryError {
  try {
    fn();
  } catch (error) {
    assert.instance(error, OutOfMemoryError);
    return error as OutOfMemoryError;
  }
  throw new Error('expected an OutOfMemoryError');
}

type Step = (n: number) => void;

/** Steps of these kinds over the same model, each in a scope. */
const kinds: Record<string, (model: Sequential, optimizer: Adam) => Step> = {
  'a step': (model, optimizer) => (n) => {
    optimizer.zeroGrad();
    lossOf(model, batch(device, n)).backward();
    optimizer.step();
  },
  'a step with clipped gradients': (model, optimizer) => (n) => {
    optimizer.zeroGrad();
    lossOf(model, batch(device, n)).backward();
    clipGradNorm(model.parameters(), 0.5);
    optimizer.step();
  },
  'a step over two parts of a batch': (model, optimizer) => (n) => {
    optimizer.zeroGrad();
    for (let part = 0; part < 2; part++) {
      device.tidy(() => {
        lossOf(model, batch(device, n)).mul(0.5).backward();
      });
    }
    optimizer.step();
  },
  'a step under autocast': (model, optimizer) => (n) => {
    optimizer.zeroGrad();
    device.autocast(() => lossOf(model, batch(device, n))).backward();
    optimizer.step();
  },
  'inference under noGrad': (model) => (n) => {
    device.noGrad(() => lossOf(model, batch(device, n)));
  },
  'a captured step': (model, optimizer) => (n) => {
    const given = batch(device, n);
    using step = device.capture(() => {
      const loss = lossOf(model, given);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    step.replay();
    optimizer.zeroGrad();
  },
};

for (const [kind, stepOf] of Object.entries(kinds)) {
  test(`memory may end anywhere in ${kind}: nothing leaks, and the next, smaller one has the right numbers`, async () => {
    const train = async (failing: boolean) => {
      const model = smallNet(device);
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const run = stepOf(model, optimizer);
      const step = (n: number) => {
        using _ = device.scope();
        device.manualSeed(n);
        run(n);
      };
      step(8); // makes the optimizer's states
      if (failing) {
        optimizer.zeroGrad();
        const before = held();
        const failures = failAtEach(
          device,
          () => {
            const { gradEnabled, autocastEnabled, layer } = device;
            try {
              step(8);
            } finally {
              assert.equal(
                [device.gradEnabled, device.autocastEnabled, device.layer],
                [gradEnabled, autocastEnabled, layer],
              );
              assert.is(device.recorder.tape, null);
            }
          },
          (allocation) => {
            optimizer.zeroGrad();
            assert.equal(held(), before, `allocation ${allocation}`);
          },
        );
        assert.ok(failures >= (kind === 'a captured step' ? 3 : 8), `${failures} allocations`);
      } else step(8); // the one that got by in the end
      step(4);
      const values = await parametersOf(model);
      optimizer.dispose();
      model.dispose();
      return values;
    };
    const before = held();
    const expected = await train(false);
    assert.equal(await train(true), expected);
    assert.equal(held(), before);
  });
}

test("an optimizer's states and arenas, a loss scaler's flag and a model's memory may be what there is no room for", async () => {
  const before = held();
  const model = smallNet(device);
  const placed = held();
  for (const Type of [Adam, SGD]) {
    failAtEach(
      device,
      () =>
        new Type(
          model
            .parameters()
            .slice(0, 2)
            .map((each) => each),
          { lr: 0.1 },
        ).dispose(),
      () => assert.equal(held().tensors, placed.tensors),
    );
  }
  const groups = model.parameters().map((parameter) => ({ params: [parameter] }));
  const optimizer = new Adam(groups, { lr: 0.1 });
  const ready = held();
  const step = () => {
    using _ = device.scope();
    optimizer.zeroGrad();
    lossOf(model, batch(device, 2)).backward();
    optimizer.step();
  };
  failAtEach(device, step, () => {
    optimizer.zeroGrad();
    // states that came before stay, for the next step
    assert.ok(held().tensors - ready.tensors <= 2 * groups.length);
  });
  const scaler = new GradScaler();
  {
    using _ = device.scope();
    optimizer.zeroGrad();
    scaler.scale(lossOf(model, batch(device, 2))).backward();
    failAtEach(
      device,
      () => scaler.unscale(optimizer),
      () => {},
    );
    assert.is(await scaler.step(optimizer), true);
  }
  scaler.dispose();
  optimizer.dispose();
  model.dispose();
  assert.equal(held(), before);
  const unplaced = new Linear(4, 4);
  thrown(() => failAt(device, 2, () => unplaced.to(device)));
  unplaced.to(device); // goes on where it ended
  unplaced.dispose();
  assert.equal(held(), before);
});

test('single operations outside of every scope leave nothing behind', () => {
  const a = device.tensor(new Float32Array(12), [3, 4]);
  const b = device.tensor(new Float32Array(20), [5, 4]);
  const images = device.tensor(new Float32Array(2 * 3 * 4 * 4), [2, 3, 4, 4], { layout: 'rowMajor' });
  const conv = new Conv2d(3, 4, 3).to(device);
  const before = held();
  const operations: (() => Tensor)[] = [
    () => matmul(a, b.transpose(0, 1)),
    () => a.softmax(1),
    () => conv.call(images),
    () => device.tensor([1, 2, 3]),
    () => device.tidy(() => a.mul(a).add(1).sum()),
  ];
  for (const operation of operations) {
    using _ = device.scope(); // for the transposed view, which is no operation's
    failAtEach(
      device,
      () => operation().dispose(),
      () => {},
    );
  }
  assert.equal(held(), before);
  for (const tensor of [a, b, images]) tensor.dispose();
  conv.dispose();
});

test('under memoryLimit an operation throws at once, and says who holds what', async () => {
  const own = await createDevice({ memoryLimit: 400_000 });
  class Net extends Module {
    readonly features = new Sequential(new Conv2d(1, 8, 3), new Conv2d(8, 8, 3));
    readonly fc = new Linear(8 * 12 * 12, 10);
    protected override forward(x: Tensor): Tensor {
      return this.fc.call(this.features.call(x).flatten(1));
    }
  }
  const model = new Net().to(own);
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const before = own.memory();
  const run = (n: number) => {
    using _ = own.scope();
    optimizer.zeroGrad();
    lossOf(model as unknown as Sequential, batch(own, n)).backward();
    optimizer.step();
    optimizer.zeroGrad();
  };
  const error = thrown(() => run(64));
  assert.equal(error.requested, {
    bytes: 64 * 8 * 14 * 14 * 4,
    what: 'conv2d',
    shape: [64, 8, 14, 14],
    dtype: 'float32',
  });
  assert.match(
    error.message,
    /^conv2d: no room for 401 kB, float32 \[64, 8, 14, 14\]: .* memoryLimit, 400000 bytes\. In use: \d+ kB/,
  );
  for (const help of ['a smaller batch', 'checkpoint(module)', 'float16', '`accumulate`'])
    assert.match(error.message, help);
  const parameters = 4 * model.parameters().reduce((sum, { size }) => sum + size, 0);
  const { live } = error;
  assert.is(live!.byOperation.find(({ name }) => name === 'parameters and buffers')!.bytes >= parameters, true);
  assert.is(live!.byLayer.find(({ name }) => name === 'fc')!.bytes, 4 * (8 * 12 * 12 * 10 + 10));
  assert.is(live!.byLayer.find(({ name }) => name === 'fc')!.type, 'Linear');
  for (const rows of [live!.byModule, live!.byLayer, live!.byOperation]) {
    assert.is(
      rows.reduce((sum, { bytes }) => sum + bytes, 0),
      live!.bytes,
    );
  }
  assert.equal(held(own.memory()), held(before));
  run(4);
  assert.equal(own.memory().tensors, before.tensors + 1); // the momentum
  assert.ok(own.memory().reservedBytes <= 400_000);
  own.destroy();
});

test('activations are named by the layer that made them, forward and backward', async () => {
  const own = await createDevice();
  const model = new Sequential(new Conv2d(1, 4, 3), new Conv2d(4, 4, 3)).to(own);
  using _ = own.scope();
  const y = model.call(batch(own, 2).x);
  const shares = () => new Map(own.memoryUse().byLayer.map(({ name, bytes }) => [name, bytes]));
  const forward = shares();
  assert.ok(forward.get('0')! >= 2 * 4 * 14 * 14 * 4 && forward.get('1')! >= 2 * 4 * 12 * 12 * 4);
  assert.ok(forward.get(null)! >= 2 * 256 * 4); // the images
  const gradient = own.empty(y.shape);
  const layers: (string | null)[] = [];
  own.allocateBytes = (request) => {
    if (request.what.includes('gradient of'))
      layers.push(own.layer && model.namedModules().find(([, m]) => m === own.layer)![0]);
    return Object.getPrototypeOf(own).allocateBytes.call(own, request);
  };
  y.backward(gradient);
  assert.equal([...new Set(layers)], ['1', '0']);
  assert.is(own.layer, null);
  own.destroy();
});

test('free buffers go before memory ends', async () => {
  const own = await createDevice({ memoryLimit: 3 * sizeClass(100_000) });
  for (const elements of [25_000, 30_000, 40_000, 50_000, 70_000]) own.empty([elements]).dispose(); // a size class each
  assert.ok(own.memory().reservedBytes <= own.memoryLimit);
  const held = own.empty([30_000]);
  thrown(() => own.empty([70_000]));
  own.memoryLimit *= 2;
  own.empty([70_000]).dispose();
  held.dispose();
  own.memoryLimit = 1; // counts for what is asked for from now on
  thrown(() => own.empty([1000]));
  assert.throws(
    () => (own.memoryLimit = Number.NaN),
    (error: Error) =>
      error instanceof ShapeError && /memoryLimit: must be a number of bytes above 0/.test(error.message),
  );
  own.destroy();
});

test("the host's end of memory is one too, and other RangeErrors are none", async () => {
  const request = { bytes: 2 ** 50, what: 'read', shape: [2 ** 48], dtype: 'float32' };
  const error = thrown(() => onHost(request, () => new Float32Array(2 ** 48)));
  assert.equal(error.requested, request);
  assert.instance(error.cause, RangeError);
  assert.match(error.message, /^read: the host has no 1125899906842624 bytes for an array \(.+\)/);
  assert.throws(
    () => onHost(request, () => (1).toFixed(200)),
    (other: Error) => other instanceof RangeError,
  );

  const x = device.tensor([1, 2, 3]);
  const before = held();
  const fault = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  const { slice } = ArrayBuffer.prototype;
  try {
    ArrayBuffer.prototype.slice = fault;
    const reading = x.data().catch((reason: unknown) => reason);
    const reason = await reading;
    assert.instance(reason, OutOfMemoryError);
    assert.equal((reason as OutOfMemoryError).requested, { bytes: 12, what: 'read', shape: [3], dtype: 'float32' });
  } finally {
    ArrayBuffer.prototype.slice = slice;
  }
  assert.equal([...(await x.data())], [1, 2, 3]);

  const { from } = Float32Array;
  try {
    Float32Array.from = fault;
    const reason = thrown(() => device.tensor([4, 5, 6]));
    assert.is(reason.requested?.what, 'upload');
  } finally {
    Float32Array.from = from;
  }
  assert.equal(held(), before);
  x.dispose();
});

test.run();

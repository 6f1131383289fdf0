// Memory stays flat over a long training, and scopes own what is made inside them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../engine/apply.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { maxPool2d } from '../../engine/functional/pooling.ts';
import { dropout } from '../../engine/functional/random.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam } from '../../engine/optim/index.ts';
import { BufferPool, sizeClass } from '../../engine/pool.ts';
import { launch, type Operation } from '../../kernels/definition.ts';
import { type MemoryRequest, OutOfMemoryError, ShapeError } from '../../kernels/errors.ts';
import { shader } from '../../kernels/fill/forward.wgsl.ts';
import { LeNet5 } from '../../models/lenet.ts';

const device = await createDevice();

test('2,000 LeNet-5 training steps end with the buffers and bytes of step 50', async () => {
  const batch = 2;
  const model = new LeNet5().to(device);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const images = Float32Array.from({ length: batch * 28 * 28 }, (_, i) => Math.sin(i));
  const step = () => {
    using _step = device.scope();
    const x = device.tensor(images, [batch, 1, 28, 28]);
    const labels = device.tensor([3, 7], [batch], { dtype: 'uint32' });
    const loss = crossEntropy(model.call(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  };
  for (let i = 1; i <= 50; i++) step();
  await device.idle();
  const after50 = device.memory();
  for (let i = 51; i <= 2000; i++) {
    step();
    if (i % 50 === 0) await device.idle();
  }
  assert.equal(device.memory(), after50);
  assert.ok(after50.buffers > 0 && after50.bytes > 61_706 * 4 * 3);
  optimizer.dispose();
  model.dispose();
  assert.is(device.memory().tensors, 0);
  assert.is(device.memory().bytes, 0);
});

test('a scope frees what was made inside it, and keeps what is kept', async () => {
  const before = device.memory();
  let kept: ReturnType<typeof device.tensor>;
  {
    using scope = device.scope();
    device.tensor([1, 2, 3]).add(1);
    kept = scope.keep(device.tensor([4, 5]));
    assert.is(device.memory().tensors, before.tensors + 3);
  }
  assert.is(device.memory().tensors, before.tensors + 1);
  assert.equal([...(await kept.data())], [4, 5]);
  kept.dispose();
  assert.is(device.memory().bytes, before.bytes);
});

test('tidy hands its result to the outer scope, in arrays and objects too', () => {
  const before = device.memory().tensors;
  {
    using _outer = device.scope();
    const { sums } = device.tidy(() => {
      const x = device.tensor([1, 2, 3]);
      return { sums: [x.sum(), x.add(1).sum()] };
    });
    assert.is(device.memory().tensors, before + 2);
    assert.not(sums[0].isDisposed);
  }
  assert.is(device.memory().tensors, before);
});

test('tidy leaves a tensor that was there before to its owner', () => {
  const x = device.tensor([1, 2]);
  {
    using _step = device.scope();
    assert.is(
      device.tidy(() => dropout(x, 0.5, { training: false })),
      x,
    );
  }
  assert.not(x.isDisposed);
  x.dispose();
});

test('outside any scope an operation leaves its result only: no copy in another order, no output of its own', () => {
  const before = device.memory();
  const x = device.tensor(new Float32Array(96), [2, 3, 4, 4], { layout: 'rowMajor' });
  x.requiresGrad = true;
  const pooled = maxPool2d(x, 2);
  const flat = pooled.flatten(1);
  assert.is(device.memory().tensors, before.tensors + 3);
  const loss = flat.sum();
  loss.backward();
  for (const tensor of [loss, flat, pooled, x]) tensor.dispose();
  assert.is(device.memory().tensors, before.tensors);
  assert.is(device.memory().bytes, before.bytes);
});

test('an operation that throws after it allocated gives everything back', () => {
  const before = device.memory();
  const x = device.tensor([1]);
  const operation: Operation<object> = {
    name: 'broken',
    inputs: [{ name: 'x', layout: 'any' }],
    shaders: [shader],
    infer: (inputs) => ({ y: inputs.x }),
    forward: () => ({
      scratch: { part: { length: 100 } },
      launches: [launch(shader, { params: { elements: 1, value: 0 }, workgroups: [1] })],
    }),
  };
  assert.throws(() => apply(operation, { x }, {}), /nothing is bound to 'target_'/);
  x.dispose();
  assert.is(device.memory().tensors, before.tensors);
  assert.is(device.memory().bytes, before.bytes);
});

test('a shape is checked when the tensor is made, and later changes to the array do not reach it', () => {
  assert.throws(() => device.empty([-2, -2]), /every extent must be a whole number from 0, given shape \[-2, -2\]/);
  assert.throws(
    () => device.empty([1.5]),
    (error: Error) => error instanceof ShapeError,
  );
  const shape = [2, 2];
  const x = device.empty(shape);
  shape[0] = 100;
  assert.equal(x.shape, [2, 2]);
  x.dispose();
});

test('tidy refuses an asynchronous function and frees what it made', () => {
  const before = device.memory().tensors;
  assert.throws(() => device.tidy(async () => device.tensor([1])), /must be synchronous/);
  assert.is(device.memory().tensors, before);
});

test('free buffers are reused last in first out, and the cap destroys the longest unused', () => {
  const destroyed: number[] = [];
  const owner = {
    create: (size: number) => ({ size }) as GPUBuffer,
    destroy: ({ size }: GPUBuffer) => destroyed.push(size),
    refusal: ({ what }: MemoryRequest, reason: string) => new OutOfMemoryError(`${what}: ${reason}`),
  };
  const pool = new BufferPool(owner, { maxBufferSize: 10_000, cap: 3000 });
  const [first, second] = [pool.acquire({ bytes: 1000, what: 'test' }), pool.acquire({ bytes: 1000, what: 'test' })];
  pool.release(first);
  pool.release(second);
  assert.is(pool.acquire({ bytes: 900, what: 'test' }), second);
  assert.is(pool.buffers, 2);
  const large = pool.acquire({ bytes: 2500, what: 'test' });
  pool.release(large);
  assert.equal(destroyed, [1024]);
  assert.is(pool.reservedBytes, 1024 + 2560);
});

test('size classes waste at most a quarter', () => {
  for (const bytes of [1, 256, 257, 1000, 1025, 5000, 1_000_000, 150_994_944]) {
    const size = sizeClass(bytes);
    assert.ok(size >= bytes && size % 4 === 0, `${bytes} -> ${size}`);
    if (bytes > 256) assert.ok(size <= bytes * 1.25, `${bytes} -> ${size}`);
  }
});

test.run();

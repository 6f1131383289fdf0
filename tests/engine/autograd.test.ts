// The tape: accumulation, frozen branches, hooks, freed graphs, and memory that returns to its baseline.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { relu } from '../../engine/functional/activation.ts';
import { add, mul } from '../../engine/functional/arithmetic.ts';
import { linear, matmul } from '../../engine/functional/linear.ts';
import { maxPool2d } from '../../engine/functional/pooling.ts';
import { mean, sum } from '../../engine/functional/reduction.ts';
import { pad } from '../../engine/functional/shape.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { AutogradError, DisposedError, ShapeError } from '../../kernels/errors.ts';

const device = await createDevice();
const test = suite('autograd');

test('a tensor used twice gets the sum of both gradients', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2, 3]);
  sum(mul(x, x)).backward();
  assert.equal(await values(x.grad), [2, 4, 6]);
});

test('a result used twice, on branches of different length, is propagated once with the whole sum', async () => {
  using _scope = device.scope();
  const x = leaf([1, -2, 3]);
  const y = mul(x, x);
  const z = add(y, mul(relu(y), y)); // y + y^2
  sum(z).backward();
  assert.equal(await values(x.grad), [2 + 4, -4 - 32, 6 + 108]);
});

test('backward calls accumulate until the gradient is set to null', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2]);
  sum(mul(x, x)).backward();
  sum(x).backward();
  assert.equal(await values(x.grad), [3, 5]);
  x.grad = null;
  sum(x).backward();
  assert.equal(await values(x.grad), [1, 1]);
});

test('a given gradient weights the outputs; without one only scalars will do', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2, 3, 4], [2, 2]);
  const y = mul(x, x);
  assert.throws(
    () => y.backward(),
    (error: Error) => error instanceof AutogradError && /shape \[2, 2\] must be given/.test(error.message),
  );
  assert.throws(() => y.backward(device.tensor([1, 1])), /gradient has shape \[2\], the tensor \[2, 2\]/);
  y.backward(device.tensor([1, 0, 0, 10], [2, 2]));
  assert.equal(await values(x.grad), [2, 0, 0, 80]);
});

test('gradients pass through changes of layout: images, pooling and flat weights', async () => {
  using _scope = device.scope();
  const image = leaf([1, 5, 2, 3, 8, 1, 0, 7], [1, 2, 2, 2]);
  const pooled = maxPool2d(image, 2); // [[5], [8]]
  sum(mul(pooled, device.tensor([3, 4], [1, 2, 1, 1]))).backward();
  assert.equal(await values(image.grad), [0, 3, 0, 0, 4, 0, 0, 0]);
});

test('noGrad records nothing, also when it throws, and detach cuts the graph but shares memory', async () => {
  using _scope = device.scope();
  const x = leaf([2, 3]);
  assert.not(device.noGrad(() => mul(x, x)).requiresGrad);
  assert.throws(() =>
    device.noGrad(() => {
      throw new Error('inside');
    }),
  );
  const y = mul(x, x);
  assert.ok(y.requiresGrad);
  const cut = y.detach();
  assert.not(cut.requiresGrad);
  assert.is(cut.storage, y.storage);
  sum(mul(cut, x)).backward();
  assert.equal(await values(x.grad), [4, 9]); // y itself, as a constant
});

test('frozen parameters cost no dispatch in backward, and a fully frozen branch none at all', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  const dispatches = (frozen: 'nothing' | 'first' | 'second weight') => {
    const [first, second] = [leaf(new Array(12).fill(0.5), [4, 3]), leaf(new Array(8).fill(0.5), [2, 4])];
    first.requiresGrad = frozen !== 'first';
    second.requiresGrad = frozen !== 'second weight';
    const loss = mean(linear(relu(linear(x, first)), second));
    const before = device.recorder.dispatches;
    loss.backward();
    assert.is(first.grad !== null, frozen !== 'first');
    assert.is(second.grad !== null, frozen !== 'second weight');
    assert.is(x.grad, null);
    return device.recorder.dispatches - before;
  };
  const all = dispatches('nothing');
  const withoutFirst = dispatches('first');
  const withoutSecond = dispatches('second weight');
  // without the first layer: no gradient of its weight, of relu, and of the second layer's input
  assert.ok(withoutFirst <= all - 3, `${withoutFirst} of ${all}`);
  assert.ok(withoutSecond < all, `${withoutSecond} of ${all}`);
});

test('nothing that requires a gradient leaves no graph, and backward says so', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2]);
  const y = sum(mul(x, x));
  assert.not(y.requiresGrad);
  assert.throws(
    () => y.backward(),
    (error: Error) => error instanceof AutogradError && /does not depend on anything/.test(error.message),
  );
});

test('requiresGrad can be set on float32 leaves and cleared on leaves only', () => {
  using _scope = device.scope();
  const labels = device.tensor([1], [1], { dtype: 'uint32' });
  assert.throws(
    () => {
      labels.requiresGrad = true;
    },
    (error: Error) => error instanceof ShapeError,
  );
  const y = relu(leaf([1]));
  assert.throws(
    () => {
      y.requiresGrad = false;
    },
    (error: Error) => error instanceof ShapeError && /detach/.test(error.message),
  );
});

test('hooks on leaves and on results see the gradient, may replace it, and can be removed', async () => {
  using _scope = device.scope();
  const run = async (register: (x: Tensor, y: Tensor) => void) => {
    const x = leaf([1, 2]);
    const y = mul(x, device.tensor([10, 10]));
    register(x, y);
    sum(y).backward();
    return values(x.grad);
  };
  const seen: string[] = [];
  assert.equal(await run((x) => x.registerHook((gradient) => void seen.push(`x [${gradient.shape}]`))), [10, 10]);
  assert.equal(await run((x) => x.registerHook((gradient) => mul(gradient, device.tensor([0, 3])))), [0, 30]);
  assert.equal(await run((_, y) => y.registerHook((gradient) => mul(gradient, device.tensor([5, 1])))), [50, 10]);
  assert.equal(await run((x) => x.registerHook((gradient) => mul(gradient, gradient))()), [10, 10]);
  assert.equal(seen, ['x [2]']);
});

test('hooks of a leaf see the sum over its uses, once', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2]);
  let calls = 0;
  x.registerHook((gradient) => {
    calls++;
    return mul(gradient, gradient);
  });
  sum(add(x, x)).backward();
  assert.is(calls, 1);
  assert.equal(await values(x.grad), [4, 4]);
});

test('retainGrad keeps the gradient of a result', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2]);
  const y = mul(x, x);
  y.retainGrad();
  sum(mul(y, y)).backward();
  assert.equal(await values(y.grad), [2, 8]);
  assert.equal(await values(x.grad), [4, 32]);
});

test('a second backward is an error, unless the graph was retained', async () => {
  using _scope = device.scope();
  const x = leaf([3]);
  const once = sum(mul(x, x));
  once.backward();
  assert.throws(
    () => once.backward(),
    (error: Error) => error instanceof AutogradError && /a second time.*retainGraph: true/.test(error.message),
  );
  x.grad = null;
  const twice = sum(mul(x, x));
  twice.backward(undefined, { retainGraph: true });
  twice.backward();
  assert.equal(await values(x.grad), [12]);
});

test('a disposed tensor says so; what the graph saved of it stays', async () => {
  using _scope = device.scope();
  const x = leaf([2, 3]);
  const y = mul(x, x);
  const loss = sum(mul(y, y));
  y.dispose();
  assert.throws(
    () => relu(y),
    (error: Error) =>
      error instanceof DisposedError && /shape \[2\] was used after it was disposed/.test(error.message),
  );
  loss.backward();
  assert.equal(await values(x.grad), [32, 108]);
});

test('scopes and tidy give back all but what is kept, graphs included', () => {
  const x = leaf([1, 2, 3]);
  const before = device.memory();
  for (let step = 0; step < 3; step++) {
    using _step = device.scope();
    sum(mul(relu(x), x)).backward();
    mul(x, x); // a graph that no backward frees
  }
  x.grad?.dispose();
  x.grad = null;
  assert.equal(live(), { tensors: before.tensors, bytes: before.bytes });

  const kept = device.tidy(() => {
    const y = mul(x, x);
    add(y, y);
    return { y };
  });
  assert.is(live().tensors, before.tensors + 1);
  assert.ok(kept.y.isPlaced);
  kept.y.dispose();
  x.dispose();
  assert.is(live().tensors, before.tensors - 1);
});

test('a gradient belongs to its tensor: null frees it, scopes leave it alone, and another shape is refused', async () => {
  const before = live();
  const x = leaf([1, 2]);
  for (let step = 0; step < 3; step++) {
    using _step = device.scope();
    sum(mul(x, x)).backward();
    x.grad = null;
  }
  assert.is(live().tensors, before.tensors + 1);
  {
    using _step = device.scope();
    x.grad = device.tensor([5, 6]);
  }
  assert.equal(await values(x.grad), [5, 6]);
  assert.throws(
    () => {
      x.grad = device.tensor([1, 2, 3]);
    },
    (error: Error) => error instanceof ShapeError && /shape \[2\] cannot have .* shape \[3\]/.test(error.message),
  );
  x.dispose();
  assert.is(live().tensors, before.tensors + 1); // the refused one is the caller's
});

test('a gradient adds to one that was set in another order of extents of 1', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2, 3], [1, 3, 1, 1]);
  x.grad = device.tensor([10, 10, 10], [1, 3, 1, 1], { layout: 'rowMajor' });
  sum(mul(x, x)).backward();
  assert.equal(await values(x.grad), [12, 14, 16]);
});

test('a hook may return the same tensor each time: the gradient is a copy of it', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2]);
  const constant = device.tensor([5, 5]);
  x.registerHook(() => constant);
  for (let step = 0; step < 2; step++) sum(mul(x, x)).backward();
  assert.equal(await values(x.grad), [10, 10]);
  x.grad = null;
  sum(mul(x, x)).backward();
  assert.equal(await values(x.grad), [5, 5]);
  assert.equal(await values(constant), [5, 5]);
});

test('a hook that returns another shape is an AutogradError, and one may remove itself', async () => {
  using _scope = device.scope();
  const x = leaf([1, 2]);
  const remove = x.registerHook((gradient) => sum(gradient));
  assert.throws(
    () => sum(mul(x, x)).backward(),
    (error: Error) => error instanceof AutogradError && /shape \[\] for a gradient of shape \[2\]/.test(error.message),
  );
  remove();
  const calls: string[] = [];
  const once = x.registerHook(() => {
    once();
    calls.push('once');
    return undefined;
  });
  x.registerHook(() => void calls.push('always'));
  for (let step = 0; step < 2; step++) sum(mul(x, x)).backward();
  assert.equal(calls, ['once', 'always', 'always']);
});

test('retainGrad sums over backward calls, frees what it replaces, and does nothing on a leaf', async () => {
  const before = live();
  {
    using _scope = device.scope();
    const x = leaf([1, 2]);
    x.retainGrad();
    const y = mul(x, x);
    y.retainGrad();
    const loss = sum(y);
    loss.backward(undefined, { retainGraph: true });
    loss.backward();
    assert.equal(await values(y.grad), [2, 2]);
    assert.equal(await values(x.grad), [4, 8]);
  }
  assert.equal(live(), before);
});

test('a leaf that was disposed before backward gets no gradient, and nothing is left behind', () => {
  const before = live();
  const loss = device.tidy(() => sum(mul(leaf([1, 2]), leaf([3, 4]))));
  loss.backward();
  loss.dispose();
  assert.equal(live(), before);
});

test('a gradient of integers is refused', () => {
  using _scope = device.scope();
  const x = leaf([1, 2]);
  assert.throws(
    () => mul(x, x).backward(device.tensor([1, 1], [2], { dtype: 'int32' })),
    (error: Error) => error instanceof AutogradError && /must be float32, given int32/.test(error.message),
  );
});

test('a graph may be deeper than the call stack', async () => {
  const before = live();
  const x = leaf([1]);
  let y = add(x, 1);
  for (let depth = 0; depth < 20_000; depth++) {
    const next = y.reshape([1]);
    y.dispose();
    y = next;
  }
  y.backward();
  assert.equal(await values(x.grad), [1]);
  y.dispose();
  x.dispose();
  assert.equal(live(), before);
});

test('noGrad refuses an asynchronous function', () => {
  assert.throws(() => device.noGrad(async () => 1), /noGrad: fn must be synchronous/);
  assert.ok(device.gradEnabled);
});

test('an empty batch has no rows and gradients of zero', async () => {
  using _scope = device.scope();
  // memory is handed out with old contents
  device.tidy(() => void [device.tensor([7, 7, 7]), device.tensor([7])]);
  const x = device.tensor([], [0, 3]);
  const [weight, bias] = [leaf([1, 2, 3], [1, 3]), leaf([4])];
  const y = linear(x, weight, bias);
  assert.equal(y.shape, [0, 1]);
  y.backward(device.tensor([], [0, 1]));
  assert.equal(await values(weight.grad), [0, 0, 0]);
  assert.equal(await values(bias.grad), [0]);
});

test('a product over no terms is zero, and an empty tensor can be padded', async () => {
  using _scope = device.scope();
  device.tidy(() => void device.tensor([7, 7, 7, 7]));
  const x = device.tensor([], [2, 0]);
  assert.equal(await values(matmul(x, device.tensor([], [0, 2]))), [0, 0, 0, 0]);
  assert.equal(await values(pad(x, [1, 0], { value: 3 })), [3, 3]);
});

function leaf(data: number[], shape?: number[]): Tensor {
  const tensor = device.tensor(data, shape);
  tensor.requiresGrad = true;
  return tensor;
}

async function values(tensor: Tensor | null): Promise<number[]> {
  if (!tensor) throw new Error('no gradient arrived');
  return [...(await tensor.data())];
}

function live() {
  const { tensors, bytes } = device.memory();
  return { tensors, bytes };
}

test.run();

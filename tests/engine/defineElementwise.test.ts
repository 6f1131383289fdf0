// A formula becomes one kernel forward and one backward; both are held against its value in float64.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defineElementwise } from '../../engine/defineElementwise.ts';
import { gradCheck } from '../../engine/gradCheck.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Expression } from '../../kernels/elementwise/expression.ts';
import { ShapeError, WgradError } from '../../kernels/errors.ts';
import { uniformFrom } from '../../lab/inputs.ts';

const device = await createDevice();
const test = suite('defineElementwise');
const close = (a: number, b: number, tolerance = 1e-5) => Math.abs(a - b) <= tolerance * (1 + Math.abs(b));

test('a chain of one tensor is one dispatch forward and one backward', async () => {
  using _ = device.scope();
  const hardSwish = defineElementwise('hardSwish', (x) => x.add(3).clamp(0, 6).mul(x).div(6));
  const values = Float32Array.from({ length: 35 }, (_, i) => (i - 17) / 3.1);
  const x = device.tensor(values, [5, 7]);
  x.requiresGrad = true;
  const before = device.recorder.dispatches;
  const y = hardSwish(x);
  y.backward(device.tensor(new Float32Array(35).fill(1), [5, 7]));
  assert.is(device.recorder.dispatches - before, 2);
  const [results, gradients] = [await y.data(), await x.grad!.data()];
  values.forEach((value, i) => {
    const inside = value > -3 && value < 3;
    assert.ok(close(results[i], (value * Math.min(Math.max(value + 3, 0), 6)) / 6), `${value}`);
    assert.ok(close(gradients[i], inside ? (2 * value + 3) / 6 : value > 0 ? 1 : 0), `slope at ${value}`);
  });
});

test('two tensors broadcast, and gradients are summed over what was repeated', async () => {
  const gate = defineElementwise('gate', (x, bias) => x.add(bias).sigmoid().mul(x));
  const shapes: [number[], number[]][] = [
    [
      [2, 8, 3, 3],
      [8, 1, 1],
    ],
    [[4, 6], []],
    [
      [5, 1],
      [1, 8],
    ],
    [
      [3, 5, 7],
      [3, 5, 7],
    ],
    [[7], [50, 7]],
  ];
  for (const [left, right] of shapes) {
    using _ = device.scope();
    const [x, bias] = [wave(left, 1), wave(right, 2)];
    await gradCheck((a, b) => gate(a, b), [x, bias], { name: `gate ${left} and ${right}` });
    const chain = x.add(bias).sigmoid().mul(x);
    const [fused, apart] = [await gate(x, bias).data(), await chain.data()];
    assert.ok(fused.every((value, i) => close(value, apart[i], 1e-6)));
  }
});

test('random formulas agree with their value in float64, and their gradients with its differences', async () => {
  const uniform = uniformFrom(Number(process.env.WGRAD_SEED ?? 7));
  for (let round = 0; round < 20; round++) {
    const isOfTwo = uniform() < 0.6;
    const tree = drawn(uniform, isOfTwo ? 2 : 1, 5);
    const formula = defineElementwise('drawn', isOfTwo ? (x, other) => tree([x, other]) : (x) => tree([x]));
    using _ = device.scope();
    const shape = uniform() < 0.5 ? [12] : [13];
    const inputs = (isOfTwo ? [0, 1] : [0]).map(() => {
      const values = Float32Array.from({ length: shape[0] }, () => 4 * uniform() - 2);
      const tensor = device.tensor(values, shape);
      tensor.requiresGrad = true;
      return { values, tensor };
    });
    const y = formula(inputs[0].tensor, inputs[1]?.tensor);
    y.backward(device.tensor(new Float32Array(shape[0]).fill(1), shape));
    const results = await y.data();
    for (let i = 0; i < shape[0]; i++) {
      const point = inputs.map(({ values }) => values[i]);
      const expected = formula.reference(point[0], point[1]);
      assert.ok(close(results[i], expected, 2e-5), `round ${round} at ${point}: ${results[i]}, not ${expected}`);
    }
    for (const [n, { tensor, values }] of inputs.entries()) {
      if (!tensor.grad) continue;
      const gradients = await tensor.grad.data();
      for (let i = 0; i < shape[0]; i++) {
        const at = (step: number) => {
          const point = inputs.map(({ values }) => values[i]);
          point[n] = values[i] + step;
          return formula.reference(point[0], point[1]);
        };
        const [left, right] = [(at(0) - at(-1e-5)) / 1e-5, (at(1e-5) - at(0)) / 1e-5];
        if (!close(left, right, 1e-3)) continue; // a kink lies here
        assert.ok(close(gradients[i], (left + right) / 2, 2e-3), `round ${round}, slope ${n} at ${values[i]}`);
      }
    }
  }
});

test('ties and bounds share gradients as in PyTorch', async () => {
  using _ = device.scope();
  const gradient = async (formula: (x: Expression) => Expression, values: number[]) => {
    const x = device.tensor(values, [values.length]);
    x.requiresGrad = true;
    defineElementwise(
      'tied',
      formula,
    )(x).backward(
      device.tensor(
        values.map(() => 1),
        [values.length],
      ),
    );
    return [...(await x.grad!.data())];
  };
  assert.equal(await gradient((x) => x.max(1), [0, 1, 2]), [0, 0.5, 1]);
  assert.equal(await gradient((x) => x.min(1), [0, 1, 2]), [1, 0.5, 0]);
  assert.equal(await gradient((x) => x.clamp(-1, 1), [-2, -1, 0, 1, 2]), [0, 1, 1, 1, 0]);
  assert.equal(await gradient((x) => x.relu(), [-1, 0, 1]), [0, 0, 1]);
  assert.equal(await gradient((x) => x.abs(), [-1, 0, 1]), [-1, 0, 1]);
});

test('a step with a formula is captured, profiled by its name and kept in half precision', async () => {
  using _ = device.scope();
  const mish = defineElementwise('mish', (x) => x.exp().add(1).log().tanh().mul(x));
  const x = wave([4, 9], 3);
  const eager = await mish(x).data();
  const captured = device.capture(() => mish(x));
  captured.replay();
  assert.equal(await captured.result.data(), eager);
  captured.dispose();
  const half = await mish(x.to('float16')).data();
  assert.ok(half.every((value, i) => close(value, eager[i], 2e-3)));
});

test('what is no formula of one or two tensors is refused', () => {
  const refused = (formula: unknown, message: RegExp) =>
    assert.throws(
      () => defineElementwise('bad', formula as (x: Expression) => Expression),
      (error: Error) => error instanceof WgradError && message.test(error.message),
    );
  refused(() => 1, /one or two tensors.*it has 0 parameters/);
  refused((a: Expression, b: Expression, c: Expression) => a.add(b).add(c), /it has 3 parameters/);
  refused((_x: Expression) => 3, /must return an expression of its tensors, not 3/);
  refused((_x: Expression) => Expression.constant(3), /must return an expression/);
  refused((x: Expression) => x.add(Number.NaN), /finite in float32, given NaN/);
  refused((x: Expression) => x.mul(1e39), /finite in float32, given 1e\+39/);
  refused((x: Expression) => x.mul('2' as unknown as number), /or numbers; given 2/);
  using _ = device.scope();
  const sum = defineElementwise('sum', (x, other) => x.add(other));
  assert.throws(() => sum(wave([2], 1)), /^sum: the formula takes 2 tensors, given 1/);
  assert.throws(
    () => sum(wave([2, 3], 1), wave([4], 1)),
    (error: Error) => error instanceof ShapeError && /^sum: .*do not broadcast/.test(error.message),
  );
});

test.run();

function wave(shape: readonly number[], seed: number) {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return device.tensor(
    Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed)),
    shape,
  );
}

/** A formula of at most `depth` operations on top of each other, whose values stay small. */
function drawn(uniform: () => number, inputs: number, depth: number): (x: readonly Expression[]) => Expression {
  const pick = <T>(...choices: T[]) => choices[Math.floor(uniform() * choices.length)];
  if (depth === 0 || uniform() < 0.1) {
    const index = Math.floor(uniform() * inputs);
    return (x) => x[index];
  }
  const a = drawn(uniform, inputs, depth - 1);
  const b =
    uniform() < 0.3
      ? (
          (constant) => () =>
            Expression.constant(constant)
        )(3 * uniform() - 1)
      : drawn(uniform, inputs, depth - 1);
  const [scale, kind] = [uniform() + 0.25, pick('one', 'two', 'three')];
  if (kind === 'one') {
    return pick<(x: readonly Expression[]) => Expression>(
      (x) => a(x).tanh(),
      (x) => a(x).sigmoid(),
      (x) => a(x).relu(),
      (x) => a(x).abs(),
      (x) => a(x).neg().mul(scale),
      (x) => a(x).clamp(-scale, scale),
      (x) => a(x).square().add(1).sqrt(),
      (x) => a(x).square().add(scale).log(),
      (x) => a(x).tanh().exp(),
    );
  }
  if (kind === 'three') return (x) => a(x).gt(b(x)).select(b(x).tanh(), a(x));
  return pick<(x: readonly Expression[]) => Expression>(
    (x) => a(x).add(b(x)).mul(0.5),
    (x) => a(x).sub(b(x)),
    (x) => a(x).tanh().mul(b(x)),
    (x) => a(x).div(b(x).square().add(1)),
    (x) => a(x).max(b(x)),
    (x) => a(x).min(b(x)),
  );
}

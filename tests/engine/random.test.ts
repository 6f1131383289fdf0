// Random numbers: the GPU's against the generator in TypeScript, and both against chance.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../engine/apply.ts';
import { dropout, fillUniform, normal, rand, randn, uniform } from '../../engine/functional/random.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { dropout as dropoutOperation } from '../../kernels/dropout/dropout.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { randomWords } from '../../kernels/random/pcg4d.ts';

const device = await createDevice();
const test = suite('random numbers');

/** Correlation of two samples of uniform numbers; of independent ones it stays within 4 / sqrt(n) of zero. */
function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / n;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

function words(seed: number, stream: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => randomWords({ seed, stream }, i >> 2)[i & 3] / 2 ** 32);
}

test('the generator gives the words that its definition gives in another language', () => {
  // computed with Python's integers; for words below 2^16 these are the published hash
  assert.equal(randomWords({ seed: 0, stream: 0 }, 0), [251852841, 760645481, 850445371, 3542436074]);
  assert.equal(
    randomWords({ seed: 2 ** 32 - 1, stream: 7 }, 123456789),
    [3065432744, 137405174, 1400997384, 3332320956],
  );
});

test('uniform numbers have the mean, variance and evenness of chance', async () => {
  device.manualSeed(1);
  using _scope = device.scope();
  const n = 100_000;
  const values = (await rand(device, [n]).data()) as Float32Array;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  assert.ok(Math.abs(mean - 1 / 2) < 4 * Math.sqrt(1 / 12 / n), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1 / 12) < 4 * Math.sqrt(1 / 180 / n), `variance ${variance}`);
  assert.ok(values.every((value) => value >= 0 && value < 1));
  const bins = new Uint32Array(100);
  for (const value of values) bins[Math.floor(value * 100)]++;
  const chiSquare = bins.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0);
  // 99 degrees of freedom: mean 99, deviation 14
  assert.ok(chiSquare > 50 && chiSquare < 160, `chi square ${chiSquare}`);
});

test('normal numbers have the moments and tails of chance', async () => {
  device.manualSeed(2);
  using _scope = device.scope();
  const n = 100_000;
  const values = Array.from(
    (await normal(device, [n], { mean: 3, std: 2 }).data()) as Float32Array,
    (v) => (v - 3) / 2,
  );
  const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n;
  assert.ok(Math.abs(moment(1)) < 4 / Math.sqrt(n), `mean ${moment(1)}`);
  assert.ok(Math.abs(moment(2) - 1) < 4 * Math.sqrt(2 / n), `variance ${moment(2)}`);
  assert.ok(Math.abs(moment(3)) < 4 * Math.sqrt(15 / n), `skewness ${moment(3)}`);
  assert.ok(Math.abs(moment(4) - 3) < 4 * Math.sqrt(96 / n), `kurtosis ${moment(4)}`);
  const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / n;
  assert.ok(Math.abs(beyondTwo - 0.0455) < 4 * Math.sqrt(0.0455 / n), `beyond two deviations ${beyondTwo}`);
});

test('neighbouring seeds, streams and elements are independent', () => {
  const n = 20_000;
  const limit = 4 / Math.sqrt(n);
  for (const [seed, stream] of [
    [0, 0],
    [0, 1000],
    [12345, 3],
    [2 ** 32 - 1, 2 ** 31],
  ]) {
    const base = words(seed, stream, n);
    for (const [what, other] of [
      ['next stream', words(seed, stream + 1, n)],
      ['next seed', words((seed + 1) >>> 0, stream, n)],
      ['seed and stream exchanged', words(stream + 5, seed, n)],
      ['next element', words(seed, stream, n + 1).subarray(1)],
      ['next counter', words(seed, stream, n + 4).subarray(4)],
    ] as const) {
      const r = correlation(base, other);
      assert.ok(Math.abs(r) < limit, `seed ${seed}, stream ${stream}, ${what}: correlation ${r}`);
    }
  }
});

test('one changed input bit changes about half of all output bits', () => {
  for (const change of [
    { seed: 1 },
    { seed: 1 << 31 },
    { stream: 1 },
    { stream: 1 << 31 },
    { counter: 1 },
    { counter: 1 << 20 },
  ]) {
    let changed = 0;
    const trials = 2000;
    for (let i = 0; i < trials; i++) {
      const [seed, stream, counter] = [(i * 2654435761) >>> 0, i, i * 7];
      const a = randomWords({ seed, stream }, counter);
      const b = randomWords(
        { seed: seed ^ (change.seed ?? 0), stream: stream ^ (change.stream ?? 0) },
        counter ^ (change.counter ?? 0),
      );
      // the 24 high bits: those that uniform numbers and dropout use
      for (let word = 0; word < 4; word++) changed += bits((a[word] ^ b[word]) >>> 8);
    }
    const share = changed / (trials * 96);
    assert.ok(Math.abs(share - 0.5) < 0.02, `${JSON.stringify(change)} changes ${share}`);
  }
});

test('one seed repeats, each call draws anew', async () => {
  using _scope = device.scope();
  device.manualSeed(7);
  const first = await randn(device, [50]).data();
  const second = await randn(device, [50]).data();
  device.manualSeed(7);
  assert.equal(await randn(device, [50]).data(), first);
  assert.not.equal(second, first);
});

test('a fill with a stream of its own leaves the state of the device alone', async () => {
  using _scope = device.scope();
  const before = device.random.counter;
  const random = { seed: 3, stream: 4 };
  const values = await fillUniform(device.empty([9]), { low: -1, high: 1, random }).data();
  assert.equal(device.random.counter, before);
  const expected = Float64Array.from(
    { length: 9 },
    (_, i) => 2 * ((randomWords(random, i >> 2)[i & 3] >>> 8) / 2 ** 24) - 1,
  );
  assert.equal(Array.from(values), Array.from(Float32Array.from(expected)));
});

test('dropout keeps a share of 1 - p and the mean', async () => {
  device.manualSeed(3);
  using _scope = device.scope();
  const n = 40_000;
  const x = device.tensor(new Float32Array(n).fill(1));
  for (const p of [0.1, 0.5, 0.8]) {
    const values = (await dropout(x, p).data()) as Float32Array;
    const kept = values.filter((value) => value !== 0);
    assert.ok(Math.abs(kept.length / n - (1 - p)) < 4 * Math.sqrt((p * (1 - p)) / n), `p ${p}: kept ${kept.length}`);
    assert.ok(kept.every((value) => Math.abs(value - 1 / (1 - p)) < 1e-5));
  }
});

test('dropout gives a gradient exactly where it kept the value', async () => {
  using _scope = device.scope();
  const x = device.tensor(new Float32Array(999).fill(2));
  x.requiresGrad = true;
  const y = dropout(x, 0.3);
  y.backward(device.tensor(new Float32Array(999).fill(1)));
  const gradient = await x.grad!.data();
  assert.equal(
    gradient,
    (await y.data()).map((value) => value / 2),
  );
});

test('dropout does nothing in inference and launches nothing', () => {
  using _scope = device.scope();
  const x = device.tensor([1, 2, 3]);
  const before = device.recorder.dispatches;
  assert.is(dropout(x, 0.5, { training: false }), x);
  assert.is(dropout(x, 0), x);
  assert.is(device.recorder.dispatches, before);
});

test('the four-element kernel and the one-element kernel drop the same elements', async () => {
  using _scope = device.scope();
  const options = { p: 0.5, seed: 5, stream: 6 };
  const four = await apply(dropoutOperation, { x: device.tensor(new Float32Array(96).fill(1)) }, options).y.data();
  const one = await apply(dropoutOperation, { x: device.tensor(new Float32Array(95).fill(1)) }, options).y.data();
  assert.equal(Array.from(one), Array.from(four.subarray(0, 95)));
});

test('a launch cut by the binding limit draws the same numbers', async () => {
  const small = await createDevice({ bindingLimit: 4096 });
  const random = { seed: 1, stream: 2 };
  using _scope = device.scope();
  using _other = small.scope();
  for (const size of [5001, 8000]) {
    const whole = await fillUniform(device.empty([size]), { random }).data();
    assert.equal(await fillUniform(small.empty([size]), { random }).data(), whole);
    const dropped = (on: typeof device) =>
      apply(dropoutOperation, { x: on.tensor(new Float32Array(size).fill(1)) }, { p: 0.5, ...random }).y.data();
    assert.equal(await dropped(small), await dropped(device));
  }
  small.destroy();
});

test('options out of range are refused by name', () => {
  using _scope = device.scope();
  const refused = (run: () => unknown, words: RegExp) =>
    assert.throws(run, (error: unknown) => error instanceof ShapeError && words.test(error.message));
  refused(() => dropout(device.tensor([1]), 1.5), /dropout: p must lie between 0 and 1, given 1.5/);
  refused(() => dropout(device.tensor([1]), Number.NaN), /given NaN/);
  refused(() => uniform(device, [2], { low: 2, high: 1 }), /uniformFill: low must be at most high/);
  refused(() => normal(device, [2], { std: -1 }), /normalFill: .* std -1/);
});

function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest; rest &= rest - 1) count++;
  return count;
}

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';

const take = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);

test('Random gives the published outputs of xoshiro128** for the state 1 2 3 4', () => {
  const random = new Random();
  random.state = [1, 2, 3, 4];
  const expected = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ];
  assert.equal(
    take(10, () => random.uint32()),
    expected,
  );
});

test('Random fills its state by SplitMix64', () => {
  // Computed apart, in Python, from the published algorithm.
  assert.equal(new Random(0).state, SEED_0_STREAM_0);
  assert.equal(new Random(42, 7).state, SEED_42_STREAM_7);
});

test('seeds and streams give unrelated sequences', () => {
  const sequences = [new Random(0), new Random(1), new Random(0, 1), new Random(1, 1), new Random(2 ** 32)];
  const first = sequences.map((random) => take(4, () => random.uint32()).join());
  assert.is(new Set(first).size, sequences.length);
});

test('a saved state continues the sequence', () => {
  const random = new Random(5);
  take(17, () => random.normal());
  const saved = JSON.parse(JSON.stringify(random.state));
  const expected = take(20, () => random.normal());
  const restored = new Random();
  restored.state = saved;
  assert.equal(
    take(20, () => restored.normal()),
    expected,
  );
});

test('uniform stays in its range with the moments of a uniform distribution', () => {
  const random = new Random(1);
  const draws = take(20_000, () => random.uniform(-2, 4));
  assert.ok(draws.every((value) => value >= -2 && value < 4));
  const { mean, std } = moments(draws);
  assert.ok(Math.abs(mean - 1) < 0.05, `mean ${mean}`);
  assert.ok(Math.abs(std - Math.sqrt(3)) < 0.03, `std ${std}`);
});

test('normal has the moments and tails of a normal distribution', () => {
  const random = new Random(2);
  const draws = take(40_000, () => random.normal(3, 2));
  const { mean, std } = moments(draws);
  assert.ok(Math.abs(mean - 3) < 0.04, `mean ${mean}`);
  assert.ok(Math.abs(std - 2) < 0.03, `std ${std}`);
  const beyondTwo = draws.filter((value) => Math.abs(value - 3) > 4).length / draws.length;
  assert.ok(Math.abs(beyondTwo - 0.0455) < 0.005, `share beyond two deviations ${beyondTwo}`);
});

test('integer is unbiased where n does not divide 2^32', () => {
  const random = new Random(3);
  // Modulo alone would give the lower third of 3 * 2^30 half of all draws.
  const n = 3 * 2 ** 30;
  const lowerThird = take(9000, () => random.integer(n)).filter((value) => value < 2 ** 30).length / 9000;
  assert.ok(Math.abs(lowerThird - 1 / 3) < 0.03, `share ${lowerThird}`);
});

test('shuffle keeps every item and puts each in each place equally often', () => {
  const random = new Random(4);
  const counts = new Float64Array(16);
  for (let round = 0; round < 8000; round++) {
    const order = random.shuffle([0, 1, 2, 3]);
    assert.equal(order.slice().sort(), [0, 1, 2, 3]);
    order.forEach((item, place) => {
      counts[item * 4 + place]! += 1;
    });
  }
  assert.ok(
    counts.every((count) => Math.abs(count / 8000 - 0.25) < 0.025),
    `counts ${counts}`,
  );
});

test('Random refuses seeds, bounds and states that it cannot use', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => new Random(-1), /seed must be an integer in 0\.\.2\^53-1, not -1/],
    [() => new Random(0.5), /seed .* not 0\.5/],
    [() => new Random(0, Number.NaN), /stream .* not NaN/],
    [() => new Random().integer(0), /n must be an integer in 1\.\.2\^32, not 0/],
    [
      () => {
        new Random().state = [0, 0, 0, 0];
      },
      /not all zero, not \[0, 0, 0, 0\]/,
    ],
    [
      () => {
        new Random().state = [1, 2, 3, 2 ** 32];
      },
      /four unsigned 32-bit words/,
    ],
  ];
  for (const [act, message] of cases) {
    assert.throws(act, (error: Error) => error instanceof ShapeError && message.test(error.message));
  }
});

const SEED_0_STREAM_0 = [1293516399, 2802244911, 4097920862, 3011683077];
const SEED_42_STREAM_7 = [322561280, 369503596, 604516917, 2594320660];

function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}

test.run();

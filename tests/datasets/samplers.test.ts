import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Compose,
  DataLoader,
  DistributedSampler,
  RandomHorizontalFlip,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  ToTensor,
  WeightedRandomSampler,
} from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { numberedImages } from './workerSets.ts';

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** How often each of 0..n-1 occurs. */
function histogram(indices: Iterable<number>, n: number): number[] {
  const counts = new Array<number>(n).fill(0);
  for (const index of indices) counts[index]!++;
  return counts;
}

test('the order of every sampler follows from seed and epoch alone', () => {
  const samplers: Sampler[] = [
    new RandomSampler(40),
    new RandomSampler(40, { replacement: true, numSamples: 40 }),
    new SubsetRandomSampler(upTo(40)),
    new WeightedRandomSampler(upTo(40), 40),
    new WeightedRandomSampler(upTo(41), 40, { replacement: false }),
    new DistributedSampler(80, { numReplicas: 2, rank: 1 }),
  ];
  for (const sampler of samplers) {
    const orders = [sampler.order(1, 0), sampler.order(1, 1), sampler.order(2, 0)];
    assert.equal(sampler.order(1, 0), orders[0], sampler.constructor.name);
    assert.is(new Set(orders.map(String)).size, 3, sampler.constructor.name);
    assert.is(sampler.count, 40);
  }
});

test('SequentialSampler keeps the order of the data set', () => {
  assert.equal([...new SequentialSampler(5).order()], [0, 1, 2, 3, 4]);
});

test('RandomSampler visits all once, and begins another pass where more are asked for', () => {
  assert.equal(sorted(new RandomSampler(20).order(3, 1)), upTo(20));
  const order = [...new RandomSampler(20, { numSamples: 50 }).order(3, 1)];
  assert.equal(sorted(order.slice(0, 20)), upTo(20));
  assert.equal(sorted(order.slice(20, 40)), upTo(20));
  assert.is(new Set(order.slice(40)).size, 10);
  assert.is(new Set(new RandomSampler(20, { numSamples: 7 }).order(3, 1)).size, 7);
});

test('RandomSampler with replacement draws uniformly', () => {
  const counts = histogram(new RandomSampler(4, { replacement: true, numSamples: 40_000 }).order(5, 0), 4);
  // five standard deviations of a binomial count
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 5 * Math.sqrt(40_000 * 0.25 * 0.75), String(counts));
});

test('WeightedRandomSampler draws in proportion to the weights, and never what weighs nothing', () => {
  const weights = [0, 1, 3, 0, 4, 0];
  const n = 80_000;
  const counts = histogram(new WeightedRandomSampler(weights, n).order(9, 2), weights.length);
  for (const [i, weight] of weights.entries()) {
    const p = weight / 8;
    assert.ok(Math.abs(counts[i]! - n * p) <= 5 * Math.sqrt(n * p * (1 - p)), `${i}: ${counts[i]}`);
  }
});

test('WeightedRandomSampler without replacement draws each at most once, heavy ones early', () => {
  const weights = upTo(50).map((i) => (i % 5 === 0 ? 0 : i < 25 ? 1 : 1e-6));
  const order = [...new WeightedRandomSampler(weights, 40, { replacement: false }).order(1, 0)];
  assert.equal(
    sorted(order),
    upTo(50).filter((i) => i % 5 !== 0),
  );
  const firstLight = order.findIndex((index) => index >= 25);
  assert.is(firstLight, 20);
});

test('weights of very different size do not lead to an index of weight zero', () => {
  const weights = [1e300, 0, 1e-300, 0, 0, 5e-324, 0];
  const order = new WeightedRandomSampler(weights, 3, { replacement: false }).order(0, 0);
  assert.equal([...order], [0, 2, 5]);
  assert.equal([...new WeightedRandomSampler([7], 3).order(0, 0)], [0, 0, 0]);
});

test('DistributedSampler shares out, repeats and drops as torch does', () => {
  const shares = (size: number, numReplicas: number, dropLast: boolean): number[][] =>
    upTo(numReplicas).map((rank) => [
      ...new DistributedSampler(size, { numReplicas, rank, dropLast, shuffle: false }).order(0, 0),
    ]);
  // torch 1.13: list(DistributedSampler(range(size), numReplicas, rank, shuffle=False, drop_last=dropLast))
  assert.equal(shares(10, 4, false), [
    [0, 4, 8],
    [1, 5, 9],
    [2, 6, 0],
    [3, 7, 1],
  ]);
  assert.equal(shares(10, 4, true), [
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
  ]);
  assert.equal(shares(2, 5, false), [[0], [1], [0], [1], [0]]);
});

test('the ranks of a shuffled DistributedSampler visit every sample once between them', () => {
  const ranks = upTo(3).map((rank) => new DistributedSampler(30, { numReplicas: 3, rank }).order(4, 2));
  assert.equal(sorted(ranks.flatMap((order) => [...order])), upTo(30));
});

test('a loader follows its sampler, and augments a repeated sample anew', async () => {
  const transform = new Compose([new RandomHorizontalFlip(), new ToTensor()]);
  const sampler = new WeightedRandomSampler([0, 0, 1], 64);
  const loader = new DataLoader(numberedImages(3), { batchSize: 64, sampler, transform });
  for await (const { x, indices, shape } of loader) {
    assert.equal([...new Set(indices)], [2]);
    const size = x.length / shape[0];
    const images = new Set(upTo(shape[0]).map((i) => String(x.subarray(i * size, (i + 1) * size))));
    assert.is(images.size, 2); // flipped and not
  }
});

test('samplers refuse what they cannot draw from', () => {
  const cases: [() => unknown, string][] = [
    [() => new SequentialSampler(0), 'SequentialSampler: count must be an integer in 1..1073741824, not 0'],
    [() => new RandomSampler(Number.NaN), 'RandomSampler: size must be an integer'],
    [() => new RandomSampler(4, { numSamples: 0 }), 'RandomSampler: numSamples must be an integer'],
    [() => new RandomSampler(4, { numSamples: 2 ** 40 }), 'numSamples must be an integer in 1..1073741824, not 10995'],
    [() => new SubsetRandomSampler([]), 'SubsetRandomSampler: the number of indices must be'],
    [() => new SubsetRandomSampler([1, -2]), 'SubsetRandomSampler: indices[1] must be'],
    [() => new WeightedRandomSampler([1, Number.NaN], 2), 'weights[1] must be a finite number of at least 0, not NaN'],
    [() => new WeightedRandomSampler([1, -1], 2), 'weights[1] must be a finite number of at least 0, not -1'],
    [() => new WeightedRandomSampler([0, 0], 2), 'the weights must have a positive finite sum, not 0'],
    [() => new WeightedRandomSampler([1e308, 1e308], 2), 'positive finite sum, not Infinity'],
    [
      () => new WeightedRandomSampler([1, 0, 2], 3, { replacement: false }),
      'without replacement 3 samples cannot be drawn from the 2 with a positive weight',
    ],
    [() => new DistributedSampler(4, { numReplicas: 2, rank: 2 }), 'rank must be an integer in 0..1, not 2'],
    [() => new DistributedSampler(4, { numReplicas: 0, rank: 0 }), 'numReplicas must be an integer'],
    [
      () => new DistributedSampler(3, { numReplicas: 4, rank: 0, dropLast: true }),
      'dropLast leaves nothing of 3 samples for 4 replicas',
    ],
    [
      () => new DataLoader(numberedImages(3), { batchSize: 1, sampler: new RandomSampler(3), shuffle: true }),
      'a sampler decides what is visited: leave shuffle and limit out',
    ],
    [
      () =>
        new DataLoader(numberedImages(3), { batchSize: 1, sampler: new SequentialSampler(4) })[Symbol.asyncIterator](),
      'the sampler gave the index 3 (at 3), but numberedImages has 3 samples',
    ],
    [
      () =>
        new DataLoader(numberedImages(3), { batchSize: 1, sampler: { count: 2, order: () => new Uint32Array(3) } })[
          Symbol.asyncIterator
        ](),
      'the sampler promised 2 indices and gave 3',
    ],
  ];
  for (const [act, message] of cases) {
    assert.throws(act, (error: Error) => {
      assert.instance(error, ShapeError);
      assert.ok(error.message.includes(message), `${error.message}\n does not hold\n${message}`);
      return true;
    });
  }
});

test.run();

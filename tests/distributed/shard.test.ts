// Every sample is one rank's, in the batch where a run of one process would have it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataLoader, DistributedSampler, glyphs } from '../../datasets/index.ts';
import { bucketsOf } from '../../training/distributed/buckets.ts';
import { datasetPart, partOf, shareOf, withoutRepeats } from '../../training/distributed/shard.ts';

const test = suite('shards');
const dataset = glyphs({ count: 53 });

for (const [size, batchSize] of [
  [1, 10],
  [2, 5],
  [4, 3],
  [3, 4],
  [8, 2],
] as const) {
  test(`${size} ranks with batches of ${batchSize} take together what one with ${size * batchSize} takes`, async () => {
    const count = 52; // leaves 2, 2, 4, 4 and 4 samples for the last batch
    const whole: number[][] = [];
    const loader = new DataLoader(dataset, { batchSize: size * batchSize, shuffle: true, seed: 7, limit: count });
    for await (const { indices } of loader) whole.push([...indices].sort());
    const together: number[][] = whole.map(() => []);
    for (let rank = 0; rank < size; rank++) {
      const sharding = { count, batchSize, rank, size };
      const sampler = new DistributedSampler(count, { numReplicas: size, rank });
      const own = new DataLoader(dataset, { batchSize, sampler, seed: 7 });
      let steps = 0;
      for await (const batch of withoutRepeats(own, sharding)) {
        const share = shareOf(batch.index, sharding);
        assert.is(share.all, whole[batch.index]!.length);
        assert.is(batch.labels.length, Math.max(1, share.own));
        assert.is(batch.x.length, batch.labels.length * 784);
        assert.equal(batch.shape, [batch.labels.length, 1, 28, 28]);
        together[batch.index]!.push(...batch.indices.subarray(0, share.own));
        steps++;
      }
      assert.is(steps, whole.length, 'as many steps as the others');
    }
    assert.equal(
      together.map((each) => each.sort()),
      whole,
    );
  });
}

test('tests are cut into parts that touch', () => {
  for (const [count, size] of [
    [10, 3],
    [2, 4],
    [7, 7],
  ] as const) {
    let end = 0;
    for (let rank = 0; rank < size; rank++) {
      const [from, to] = partOf(count, { rank, size });
      assert.is(from, end);
      end = to;
    }
    assert.is(end, count);
  }
  const part = datasetPart(dataset, 5, 9);
  assert.is(part.count, 4);
  assert.equal([...part.labels], [...dataset.labels.subarray(5, 9)]);
  assert.equal(part.images, dataset.images.subarray(5 * 784, 9 * 784));
});

test('buckets hold the last parameters first, and each all of its own', () => {
  const bytes = (name: string) => ({ a: 4, b: 40, c: 12, d: 4 })[name]!;
  assert.equal(bucketsOf(['a', 'b', 'c', 'd'], bytes, 16), [['c', 'd'], ['b'], ['a']]);
  assert.equal(bucketsOf(['a', 'b', 'c', 'd'], bytes, 1000), [['a', 'b', 'c', 'd']]);
  assert.equal(bucketsOf([], bytes), []);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchOf, DataLoader, type Dataset, type LoadedBatch } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';

/** Images of [2, 1, 3] whose bytes tell image, channel and place apart. */
function numbered(count: number): Dataset {
  return {
    name: 'numbered',
    images: Uint8Array.from({ length: count * 6 }, (_, i) => i % 251),
    labels: Uint32Array.from({ length: count }, (_, i) => i % 3),
    count,
    shape: [2, 1, 3],
    classes: ['a', 'b', 'c'],
    mean: [0.5, 0.25],
    std: [0.5, 0.2],
  };
}

async function collect(loader: DataLoader): Promise<LoadedBatch[]> {
  const batches: LoadedBatch[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
}

const orderOf = (batches: readonly LoadedBatch[]): number[] => batches.flatMap(({ indices }) => Array.from(indices));
const sorted = (values: readonly number[]): number[] => values.slice().sort((a, b) => a - b);
const turnsOfEventLoop = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setTimeout(resolve, 1));
};

test('a batch holds the normalised bytes in the order n c h w', () => {
  const dataset = numbered(5);
  const { x, shape, labels, indices } = batchOf(dataset, [4, 1]);
  assert.equal(shape, [2, 2, 1, 3]);
  assert.equal(Array.from(indices), [4, 1]);
  assert.equal(Array.from(labels), [1, 1]);
  const expected = [24, 25, 26, 27, 28, 29, 6, 7, 8, 9, 10, 11].map((byte, i) => {
    const channel = Math.floor(i / 3) % 2;
    return Math.fround((byte / 255 - dataset.mean[channel]!) / dataset.std[channel]!);
  });
  assert.equal(Array.from(x), expected);
});

test('without shuffling the loader keeps the order and ends with a smaller batch', async () => {
  const loader = new DataLoader(numbered(10), { batchSize: 4 });
  const batches = await collect(loader);
  assert.is(loader.length, 3);
  assert.equal(
    batches.map(({ shape }) => shape[0]),
    [4, 4, 2],
  );
  assert.equal(orderOf(batches), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(
    batches.map(({ index }) => index),
    [0, 1, 2],
  );
});

test('dropLast leaves the smaller batch out', async () => {
  const loader = new DataLoader(numbered(10), { batchSize: 4, dropLast: true });
  assert.is(loader.length, 2);
  assert.equal(orderOf(await collect(loader)), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.is(new DataLoader(numbered(8), { batchSize: 4, dropLast: true }).length, 2);
});

test('limit keeps the first images, shuffled or not', async () => {
  const loader = new DataLoader(numbered(50), { batchSize: 4, shuffle: true, limit: 10 });
  assert.is(loader.length, 3);
  assert.equal(sorted(orderOf(await collect(loader))), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.is(new DataLoader(numbered(5), { batchSize: 4, limit: 100 }).count, 5);
});

test('shuffling visits every image once, in another order each epoch and seed', async () => {
  const loader = new DataLoader(numbered(100), { batchSize: 32, shuffle: true, seed: 7 });
  const first = orderOf(await collect(loader));
  assert.is(loader.epoch, 1);
  const second = orderOf(await collect(loader));
  const other = orderOf(await collect(new DataLoader(numbered(100), { batchSize: 32, shuffle: true, seed: 8 })));
  const all = Array.from({ length: 100 }, (_, i) => i);
  for (const order of [first, second, other]) assert.equal(sorted(order), all);
  assert.is(new Set([all, first, second, other].map(String)).size, 4);
});

test('the order of an epoch does not depend on the epochs before it', async () => {
  const options = { batchSize: 16, shuffle: true, seed: 3 };
  const running = new DataLoader(numbered(60), options);
  for (let epoch = 0; epoch < 2; epoch++) await collect(running);
  const direct = new DataLoader(numbered(60), options);
  direct.epoch = 2;
  assert.equal(orderOf(await collect(direct)), orderOf(await collect(running)));
});

test('a run resumes in the middle of an epoch with exactly the remaining batches', async () => {
  const options = { batchSize: 16, shuffle: true, seed: 3 };
  const whole = new DataLoader(numbered(60), options);
  whole.epoch = 5;
  const expected = [...(await collect(whole)).slice(2), ...(await collect(whole))];
  const resumed = new DataLoader(numbered(60), options);
  resumed.epoch = 5;
  resumed.startBatch = 2;
  assert.equal([...(await collect(resumed)), ...(await collect(resumed))], expected);
});

test('a run that stopped after the last batch resumes with the next epoch', async () => {
  const loader = new DataLoader(numbered(10), { batchSize: 4 });
  loader.startBatch = 3;
  assert.equal(await collect(loader), []);
  assert.equal([loader.epoch, loader.startBatch], [1, 0]);
});

test('leaving the loop early keeps the epoch, and the next loop begins anew', async () => {
  const loader = new DataLoader(numbered(40), { batchSize: 4, shuffle: true });
  let first: LoadedBatch | undefined;
  for await (const batch of loader) {
    first = batch;
    break;
  }
  assert.is(loader.epoch, 0);
  assert.equal((await collect(loader))[0], first);
});

test('batches do not depend on prefetch, nor on how long the consumer takes', async () => {
  const reference = await collect(new DataLoader(numbered(50), { batchSize: 8, shuffle: true, prefetch: 0 }));
  for (const prefetch of [1, 2, 100]) {
    const batches: LoadedBatch[] = [];
    for await (const batch of new DataLoader(numbered(50), { batchSize: 8, shuffle: true, prefetch })) {
      batches.push(batch);
      if (batch.index % 2 === 0) await turnsOfEventLoop(3);
    }
    assert.equal(batches, reference);
  }
});

test('while the consumer awaits, exactly `prefetch` batches are prepared', async () => {
  for (const prefetch of [0, 1, 3]) {
    const dataset = numbered(24);
    dataset.labels.fill(0);
    const seen: number[] = [];
    for await (const { index, labels } of new DataLoader(dataset, { batchSize: 4, prefetch })) {
      seen.push(labels[0]!);
      if (index > 0) continue;
      await turnsOfEventLoop(20);
      // Batches prepared by now still hold the old labels.
      dataset.labels.fill(1);
    }
    assert.equal(
      seen,
      Array.from({ length: 6 }, (_, index) => (index <= prefetch ? 0 : 1)),
    );
  }
});

test('the loader refuses options that do not fit, by name', () => {
  const cases: [() => unknown, string][] = [
    [
      () => new DataLoader(numbered(5), { batchSize: 0 }),
      'DataLoader: batchSize must be an integer of at least 1, not 0',
    ],
    [() => new DataLoader(numbered(5), { batchSize: -4 }), 'batchSize must be an integer of at least 1, not -4'],
    [
      () => new DataLoader(numbered(5), { batchSize: Number.NaN }),
      'batchSize must be an integer of at least 1, not NaN',
    ],
    [() => new DataLoader(numbered(5), { batchSize: 2.5 }), 'batchSize must be an integer of at least 1, not 2.5'],
    [() => new DataLoader(numbered(5), { batchSize: 1, limit: 0 }), 'limit must be an integer of at least 1, not 0'],
    [
      () => new DataLoader(numbered(5), { batchSize: 1, prefetch: -1 }),
      'prefetch must be an integer of at least 0, not -1',
    ],
    [() => new DataLoader(numbered(5), { batchSize: 1, seed: -1 }), 'seed must be an integer of at least 0, not -1'],
    [
      () => new DataLoader(numbered(5), { batchSize: 8, dropLast: true }),
      'dropLast leaves no batch: batchSize is 8 but there are 5 images',
    ],
    [() => startAt({ startBatch: 4 }), 'startBatch must be an integer in 0..3, not 4'],
    [() => startAt({ epoch: -1 }), 'epoch must be an integer of at least 0, not -1'],
  ];
  for (const [act, message] of cases) throwsShapeError(act, message);
});

test('the loader refuses a data set whose parts do not fit together', () => {
  const good = numbered(4);
  const cases: [Partial<Dataset>, string][] = [
    [{ count: 0 }, 'data set numbered: count must be a positive integer, not 0'],
    [{ images: new Uint8Array(23) }, 'images has 23 bytes, but 4 images of [2, 1, 3] are 24'],
    [{ labels: new Uint8Array(3) }, 'labels has 3 entries for 4 images'],
    [{ labels: Uint8Array.of(0, 1, 3, 0) }, 'labels[2] is 3, but there are 3 classes'],
    [{ shape: [2, 0, 3] }, 'shape must be three positive integers [c, h, w], not [2, 0, 3]'],
    [{ mean: [0.5] }, 'mean and std need one entry per channel (2), not 1 and 2'],
    [{ mean: [0, Number.NaN] }, 'mean must be finite, not [0, NaN]'],
    [{ std: [1, 0] }, 'std must be positive, not [1, 0]'],
  ];
  for (const [part, message] of cases) {
    throwsShapeError(() => new DataLoader({ ...good, ...part }, { batchSize: 2 }), message);
  }
  throwsShapeError(() => batchOf(good, [0, 4]), 'numbered: index 4 (at 1) is outside the 4 images');
});

function startAt(place: { epoch?: number; startBatch?: number }): unknown {
  return Object.assign(new DataLoader(numbered(10), { batchSize: 4 }), place)[Symbol.asyncIterator]();
}

function throwsShapeError(act: () => unknown, message: string): void {
  assert.throws(act, (error: Error) => {
    assert.instance(error, ShapeError);
    assert.match(error.message, message);
    return true;
  });
}

test.run();

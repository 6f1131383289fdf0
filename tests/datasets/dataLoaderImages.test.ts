// The loader over images read one by one, without workers; with them: workers.test.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Compose,
  DataLoader,
  type Dataset,
  type ImageDataset,
  imagesOf,
  RandomHorizontalFlip,
  type StackedBatch,
  sampleRandom,
  ToTensor,
} from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { boxedImages, damagedImages, growingImages, numberedImages } from './workerSets.ts';

const flip = new Compose([new RandomHorizontalFlip(), new ToTensor()]);

async function failure(loader: DataLoader): Promise<Error> {
  try {
    for await (const _ of loader);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the loader did not fail');
}

function refuses(act: () => unknown, message: string): void {
  assert.throws(act, (error: Error) => {
    assert.instance(error, ShapeError);
    assert.ok(error.message.includes(message), error.message);
    return true;
  });
}

test('images become tensors of levels divided by 255 where no transform is given', async () => {
  const set = numberedImages(5);
  for await (const { x, shape, labels, indices } of new DataLoader(set, { batchSize: 5 })) {
    assert.equal(shape, [5, 3, 4, 5]);
    assert.equal([...labels], [0, 1, 2, 0, 1]);
    assert.equal([...indices], [0, 1, 2, 3, 4]);
    const { image } = await set.get(4);
    assert.is(x[4 * 60 + 2 * 20 + 7], Math.fround(image.data[7 * 3 + 2]! / 255));
  }
});

test('sample i of epoch e is transformed with sampleRandom(seed, e, i), wherever it stands in the order', async () => {
  const set = numberedImages(40);
  const loader = new DataLoader(set, { batchSize: 7, shuffle: true, seed: 11, transform: flip });
  let flips = 0;
  for (const epoch of [0, 1]) {
    for await (const { x, indices } of loader) {
      for (const [i, index] of indices.entries()) {
        const { image } = await set.get(index);
        const expected = flip.call(image, sampleRandom(11, epoch, index));
        assert.equal(x.slice(i * 60, (i + 1) * 60), expected.data);
        if (expected.data[0] !== Math.fround(image.data[0]! / 255)) flips++;
      }
    }
  }
  assert.ok(flips > 20 && flips < 60, `${flips} of 80 flipped`);
});

test('a data set in memory with a transform gives what its images give', async () => {
  const dataset = inMemory();
  const options = { batchSize: 3, transform: flip, shuffle: true };
  const batches: unknown[][] = [[], []];
  for await (const { x, labels } of new DataLoader(dataset, options)) batches[0]!.push([x, labels]);
  for await (const { x, labels } of new DataLoader(imagesOf(dataset), options)) batches[1]!.push([x, labels]);
  assert.equal(batches[0], batches[1]);
});

test('collate makes anything of the samples, and the batch still knows its place', async () => {
  const collate = (samples: readonly { shape: readonly number[] }[]) => ({
    heights: samples.map(({ shape }) => shape[1]),
  });
  const batches: unknown[] = [];
  for await (const batch of new DataLoader(growingImages(5), { batchSize: 2, collate })) {
    batches.push([batch.heights, [...batch.indices], batch.index, batch.epoch]);
  }
  assert.equal(batches, [
    [[1, 2], [0, 1], 0, 0],
    [[3, 4], [2, 3], 1, 0],
    [[5], [4], 2, 0],
  ]);
  // data in memory too, normalised
  const loader = new DataLoader(inMemory(), { batchSize: 2, limit: 2, collate: (samples) => ({ samples }) });
  for await (const { samples } of loader) {
    assert.is(samples[1]!.data[0], Math.fround((60 / 255 - 0.5) / 0.25));
    assert.equal(samples[1]!.shape, [3, 4, 5]);
  }
});

test('targets that are no numbers are handed out as they are', async () => {
  for await (const { labels } of new DataLoader(boxedImages(3), { batchSize: 3 })) {
    assert.equal(
      labels.map(({ boxes }) => boxes[1]),
      [0.5, 1.5, 2.5],
    );
  }
});

test('samples of two shapes in a batch are refused by index, shape and cure', async () => {
  const { message } = await failure(new DataLoader(growingImages(5), { batchSize: 2, sampler: order(4, 2) }));
  assert.match(message, 'DataLoader: sample 2 is [3,3,5] but sample 4 of the same batch is [3,5,5]');
  assert.match(message, /Resize\(\[h, w\]\).*collate.*batchSize 1/);
});

test('a transform without a tensor at its end, and numbers that are no classes, are refused', async () => {
  const ends = new DataLoader(numberedImages(2), { batchSize: 1, transform: new RandomHorizontalFlip() });
  assert.match((await failure(ends)).message, 'add new ToTensor()');
  for (const target of [0.5, -1, Number.NaN, 2 ** 32]) {
    const set: ImageDataset = { ...numberedImages(2), get: async () => ({ image: await image(), target }) };
    const { message } = await failure(new DataLoader(set, { batchSize: 1 }));
    assert.match(message, `sample 0 has the target ${target}, but numbers are class indices`);
  }
});

test('a state in the middle of an epoch is that of the batch handed out last, not of those prepared', async () => {
  const options = { batchSize: 4, shuffle: true, seed: 3, transform: flip, prefetch: 3 };
  const loader = new DataLoader(numberedImages(22), options);
  assert.equal(loader.state(), { epoch: 0, startBatch: 0, seed: 3, batchSize: 4, count: 22 });
  const xs: StackedBatch['x'][] = [];
  for await (const { x, index } of loader) {
    xs.push(x);
    assert.is(loader.state().startBatch, index + 1);
    if (index === 2) break;
  }
  const resumed = new DataLoader(numberedImages(22), options);
  resumed.loadState(JSON.parse(JSON.stringify(loader.state())));
  for await (const { x } of resumed) xs.push(x);
  const whole: StackedBatch['x'][] = [];
  for await (const { x } of new DataLoader(numberedImages(22), options)) whole.push(x);
  assert.equal(xs, whole);
  assert.equal(resumed.state(), { epoch: 1, startBatch: 0, seed: 3, batchSize: 4, count: 22 });
  loader.epoch = 7; // set by hand: what was handed out no longer counts
  assert.equal([loader.state().epoch, loader.state().startBatch], [7, 0]);
});

test('a state of another order of batches is refused', () => {
  const loader = new DataLoader(numberedImages(10), { batchSize: 4 });
  const state = loader.state();
  refuses(() => loader.loadState({ ...state, seed: 1 }), 'the state has the seed 1, this loader 0');
  refuses(() => loader.loadState({ ...state, batchSize: 2 }), 'the state has the batchSize 2, this loader 4');
  refuses(() => loader.loadState({ ...state, count: 9 }), 'the state has the count 9, this loader 10');
  refuses(() => loader.loadState({ ...state, startBatch: 4 }), "the state's startBatch must be an integer in 0..3");
  refuses(() => loader.loadState({ ...state, epoch: Number.NaN }), "the state's epoch must be an integer");
  refuses(() => loader.loadState(null as never), 'the state has the seed undefined');
});

test('an error in a batch prepared ahead surfaces in its place, and ends the loop', async () => {
  const loader = new DataLoader(damagedImages(12, [7]), { batchSize: 2, prefetch: 5 });
  const batches = loader[Symbol.asyncIterator]();
  for (const index of [0, 1, 2]) {
    const { value } = await batches.next();
    assert.is(value?.index, index);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await batches.next().then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, 'picture-7.jpg'),
  );
  assert.equal(await batches.next(), { done: true, value: undefined });
  assert.is(loader.state().startBatch, 3);
});

test('waitSeconds counts the time awaited for batches, over epochs', async () => {
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const quick = numberedImages(3);
  const slow: ImageDataset = { ...quick, get: (index) => pause(20).then(() => quick.get(index)) };
  const loader = new DataLoader(slow, { batchSize: 1, prefetch: 0 });
  for await (const _ of loader);
  const first = loader.waitSeconds;
  assert.ok(first >= 3 * 0.019, `${first}`);
  for await (const _ of loader);
  assert.ok(loader.waitSeconds >= first + 3 * 0.019);
});

test('an abort while a batch is awaited rejects at once with its reason', async () => {
  const set: ImageDataset = { ...numberedImages(3), get: () => new Promise(() => {}) };
  const controller = new AbortController();
  const loader = new DataLoader(set, { batchSize: 1, signal: controller.signal });
  const next = loader[Symbol.asyncIterator]().next();
  controller.abort(new RangeError('enough'));
  await next.then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, 'enough'),
  );
});

test('the loader refuses an empty data set', () => {
  refuses(
    () => new DataLoader({ ...numberedImages(1), count: 0 }, { batchSize: 1 }),
    'the count of numberedImages must be',
  );
});

const image = async () => (await numberedImages(1).get(0)).image;
const order = (...indices: number[]) => ({ count: indices.length, order: () => Uint32Array.from(indices) });

function inMemory(): Dataset {
  return {
    name: 'in memory',
    images: Uint8Array.from({ length: 10 * 60 }, (_, i) => i % 251),
    labels: Uint8Array.from({ length: 10 }, (_, i) => i % 2),
    ...{ count: 10, shape: [3, 4, 5], classes: ['a', 'b'], mean: [0.5, 0.4, 0.3], std: [0.25, 0.3, 0.4] },
  };
}

test.run();

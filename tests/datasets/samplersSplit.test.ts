// Parts of data sets: subset, randomSplit, and the way between memory and images.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  batchOf,
  CenterCrop,
  type Dataset,
  type ImageDataset,
  imagesOf,
  type RandomSplitOptions,
  randomSplit,
  readAll,
  subset,
  ToTensor,
} from '../../datasets/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { boxedImages, damagedImages, growingImages, numberedImages } from './workerSets.ts';

/** Images of [3, 2, 2] that begin with their number; classes 0, 1, 2 for 10, 30 and 60 of 100. */
function inMemory(count = 100): Dataset {
  return {
    name: 'in memory',
    images: Uint8Array.from({ length: count * 12 }, (_, i) => (i % 12 ? (i * 7) % 256 : i / 12)),
    labels: Uint8Array.from({ length: count }, (_, i) => [0, 1, 1, 1, 2, 2, 2, 2, 2, 2][i % 10]!),
    ...{ count, shape: [3, 2, 2], classes: ['a', 'b', 'c'], mean: [0.5, 0.4, 0.3], std: [0.25, 0.3, 0.4] },
  };
}

/** Which images of the whole a part holds. */
const membersOf = ({ images }: Dataset): number[] => [...images].filter((_, i) => i % 12 === 0);
const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);

async function rejects(promise: Promise<unknown>, kind: typeof ShapeError, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (error) => error,
  );
  assert.instance(error, kind);
  assert.ok(error.message.includes(message), error.message);
}

test('a subset of data in memory holds the images and labels asked for, and a run of neighbours is a view', () => {
  const whole = inMemory();
  for (const indices of [
    [7, 3, 3],
    [4, 5, 6],
  ]) {
    const part = subset(whole, indices);
    assert.equal(batchOf(part, [0, 1, 2]).x, batchOf(whole, indices).x);
    assert.equal(
      [...part.labels],
      indices.map((index) => whole.labels[index]),
    );
  }
  assert.is(subset(whole, [4, 5, 6]).images.buffer, whole.images.buffer);
});

test('a subset of images reads those of the whole, and its subset too', async () => {
  const whole = numberedImages(20);
  const part = subset(subset(whole, [9, 4, 17]), [2, 0]);
  assert.is(part.count, 2);
  assert.equal([...part.labels!], [17 % 3, 0]);
  assert.equal((await part.get(0)).image, (await whole.get(17)).image);
  await rejects(part.get(2), ShapeError, 'index 2 is outside the 2 samples');
  for (const indices of [[], [20], [-1], [0.5], [Number.NaN]]) assert.throws(() => subset(whole, indices), /^subset: /);
});

test('a split by numbers or fractions puts every sample into one part, at random', () => {
  const whole = inMemory();
  for (const sizes of [
    [70, 20, 10],
    [0.7, 0.2, 0.1],
  ]) {
    const parts = randomSplit(whole, sizes, { seed: 4 });
    assert.equal(
      parts.map(({ count }) => count),
      [70, 20, 10],
    );
    assert.equal(
      sorted(parts.flatMap(membersOf)),
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.equal(randomSplit(whole, sizes, { seed: 4 }).map(membersOf), parts.map(membersOf));
    assert.is.not(String(membersOf(parts[0]!)), String(sorted(membersOf(parts[0]!))));
    assert.is.not(String(membersOf(randomSplit(whole, sizes, { seed: 5 })[0]!)), String(membersOf(parts[0]!)));
  }
});

test('what fractions leave over goes to the parts in turn, as in torch', () => {
  const lengths = (count: number, fractions: number[]) =>
    randomSplit(inMemory(count), fractions).map((part) => part.count);
  assert.equal(lengths(11, [0.5, 0.5]), [6, 5]);
  assert.equal(lengths(10, [0.33, 0.33, 0.34]), [4, 3, 3]);
  assert.equal(lengths(10, [0.1, 0.2, 0.7]), [1, 2, 7]);
});

test('a stratified split gives each part its share of every class', () => {
  const options: RandomSplitOptions = { seed: 1, stratified: true };
  const sizes = [0.5, 0.3, 0.2];
  const splits = [randomSplit(inMemory(), sizes, options), randomSplit(imagesOf(inMemory()), sizes, options)];
  for (const parts of splits) {
    assert.equal(
      parts.map(({ count }) => count),
      [50, 30, 20],
    );
    for (const [i, expected] of [
      [5, 15, 30],
      [3, 9, 18],
      [2, 6, 12],
    ].entries()) {
      const counts = [0, 1, 2].map((label) => [...parts[i]!.labels!].filter((each) => each === label).length);
      for (const [label, count] of counts.entries()) assert.ok(Math.abs(count - expected[label]!) <= 1, String(counts));
    }
  }
});

test('a split that does not fit is refused', () => {
  const cases: [readonly number[], string][] = [
    [[50, 49], 'sum to the 100 samples of in memory, or fractions that sum to 1, not [50, 49]'],
    [[0.5, 0.6], 'not [0.5, 0.6]'],
    [[], 'not []'],
    [[Number.NaN, 1], 'not [NaN, 1]'],
    [[150, -50], 'not [150, -50]'],
    [[2, -1], 'not [2, -1]'],
    [[100, 0], 'leave part 1 empty'],
    [[0.999, 0.001], 'leave part 1 empty'],
  ];
  for (const [sizes, message] of cases) {
    assert.throws(
      () => randomSplit(inMemory(), sizes),
      (error: Error) => {
        assert.instance(error, ShapeError);
        assert.ok(error.message.includes(message), error.message);
        return true;
      },
    );
  }
  const { labels: _, ...unlabelled } = numberedImages(4);
  assert.throws(() => randomSplit(unlabelled, [2, 2], { stratified: true }), /has no labels to stratify by/);
});

test('imagesOf and readAll are each other inverse', async () => {
  const dataset = inMemory(20);
  const set = imagesOf(dataset);
  const { image, target } = await set.get(3);
  assert.equal([image.height, image.width, image.channels, target], [2, 2, 3, 1]);
  assert.is(image.data[2 * 3 + 1], dataset.images[3 * 12 + 4 + 2]);
  const back = await readAll(set);
  assert.equal(back.images, dataset.images);
  assert.equal([...back.labels], [...dataset.labels]);
  assert.equal([back.shape, back.count, back.classes], [[3, 2, 2], 20, ['a', 'b', 'c']]);
  await rejects(set.get(20), ShapeError, 'index 20 is outside the 20');
  assert.throws(() => imagesOf({ ...dataset, shape: [2, 2, 3], mean: [0, 0], std: [1, 1] }), /1 or 3 channels/);
});

test('readAll measures mean and standard deviation, transforms, and stops at the limit', async () => {
  const back = await readAll(imagesOf(inMemory(20)), { limit: 6 });
  const channel = Array.from({ length: 6 }, (_, i) => [...back.images.subarray(i * 12 + 4, i * 12 + 8)]).flat();
  const mean = channel.reduce((sum, value) => sum + value / 255, 0) / 24;
  const variance = channel.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / 24;
  assert.ok(Math.abs(back.mean[1]! - mean) < 1e-12);
  assert.ok(Math.abs(back.std[1]! - Math.sqrt(variance)) < 1e-12);
  const cropped = await readAll(numberedImages(4), { transform: new CenterCrop(2) });
  assert.equal(cropped.shape, [3, 2, 2]);
  const flat: ImageDataset = { ...numberedImages(2), get: async () => ({ image: await black(), target: 0 }) };
  assert.equal((await readAll(flat)).std, [1]);
});

test('readAll refuses what does not fit into memory, in form or in size', async () => {
  await rejects(readAll(numberedImages(40), { maxBytes: 1000 }), ShapeError, '40 images of [3, 4, 5] take 2400 bytes');
  await rejects(
    readAll(growingImages(3)),
    ShapeError,
    'sample 1 of growingImages is [3, 2, 5] but sample 0 is [3, 1, 5]',
  );
  await rejects(
    readAll(numberedImages(3), { transform: new ToTensor() }),
    ShapeError,
    'leave ToTensor and Normalize out',
  );
  await rejects(readAll(damagedImages(3, [2])), FormatError, 'picture-2.jpg');
  await rejects(readAll(numberedImages(3), { limit: 0 }), ShapeError, 'readAll: limit must be an integer');
  await rejects(readAll(boxedImages(3) as never), ShapeError, 'not one of 3 classes');
  await rejects(readAll({ ...numberedImages(3), classes: [] }), ShapeError, '3 samples and 0 classes');
});

const black = async () => ({ width: 1, height: 1, channels: 1 as const, data: Uint8Array.of(0) });

test.run();

// Which mistakes are shown, in which order, and the picture of them.
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageDataset } from '../../datasets/imageDataset.ts';
import type { Dataset, Image } from '../../datasets/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { mistakesPng } from '../../training/node/mistakesPng.ts';
import { confidentMistakes, type MistakesOptions } from '../../training/report/mistakes.ts';

const GAP = 20;
const options: MistakesOptions = {
  labels: [0, 1, 2, 0, 1],
  predictions: Uint32Array.of(1, 1, 0, 2, 0),
  probabilities: Float32Array.of(0.5, 0.99, 0.75, 0.5, Number.NaN),
  classes: ['cat', 'dog', 'bird'],
};
const dataset: Dataset = {
  ...{ name: 'five', images: Uint8Array.from({ length: 5 * 4 }, (_, i) => 40 * Math.floor(i / 4)), count: 5 },
  ...{ labels: Uint8Array.from([0, 1, 2, 0, 1]), shape: [1, 2, 2], classes: options.classes, mean: [0], std: [1] },
};
const test = suite('mistakes');

test('the surest mistakes come first, of equal ones the first in the data set', () => {
  const found = confidentMistakes(options);
  assert.equal(
    found.map(({ index }) => index),
    [2, 0, 3, 4],
  );
  assert.equal(found[0], { index: 2, label: 2, prediction: 0, probability: 0.75 });
  assert.is(found[3]!.probability, 0, 'no number');
  assert.is(confidentMistakes({ ...options, count: 1 }).length, 1);
});

test('an evaluation of the first images only is enough', () => {
  const first = { predictions: Uint32Array.of(1), probabilities: Float32Array.of(0.5) };
  assert.is(confidentMistakes({ ...options, ...first }).length, 1);
});

test('the picture shows the images in that order, enlarged', async () => {
  const png = decode(await mistakesPng(dataset, { ...options, columns: 2 }));
  assert.is(png.width, GAP + 2 * (196 + GAP));
  const step = { x: 196 + GAP, y: 196 + 4 + 3 * 20 + GAP };
  assert.equal(
    [0, 1, 2, 3].map((i) => greyAt(png, GAP + 90 + (i % 2) * step.x, GAP + 90 + Math.floor(i / 2) * step.y)),
    [80, 0, 120, 160],
  );
});

test('photographs of any size are read one by one and shrunk', async () => {
  const asked: number[] = [];
  const image = (width: number, height: number): Image => {
    return { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(50) };
  };
  const photographs: ImageDataset = {
    ...{ name: 'photographs', count: 5, classes: options.classes, bad: [] },
    get: async (index) => {
      asked.push(index);
      return { image: index ? image(800, 300) : image(90, 400), target: 0 };
    },
  };
  const png = decode(await mistakesPng(photographs, { ...options, count: 2 }));
  assert.equal(asked, [2, 0]);
  assert.is(png.width, GAP + 2 * (196 + GAP));
  assert.is(greyAt(png, GAP + 98, GAP + 98), 50);
  assert.is(greyAt(png, GAP + 98, GAP + 10), 255, 'a wide image leaves room above');
  const damaged = { ...photographs, get: () => Promise.reject(new FormatError('a.jpg: truncated')) };
  const error = await mistakesPng(damaged, options).catch((reason) => reason);
  assert.instance(error, FormatError);
});

test('without mistakes there is a picture all the same', async () => {
  const right = { predictions: Uint32Array.of(0, 1), probabilities: Float32Array.of(1, 1) };
  assert.ok(decode(await mistakesPng(dataset, { ...options, ...right })).width > 100);
});

test('what does not go together is refused', () => {
  const refuse = (change: Partial<MistakesOptions>, message: RegExp) =>
    assert.throws(
      () => confidentMistakes({ ...options, ...change }),
      (error: Error) => error instanceof ShapeError && message.test(error.message),
    );
  refuse({ labels: [0] }, /given 1 labels, 5 predictions and 5 probabilities/);
  refuse({ probabilities: new Float32Array(4) }, /4 probabilities/);
  refuse({ predictions: Uint32Array.of(0, 0, 3, 0, 0) }, /image 2 has label 2 and prediction 3 of 3 classes/);
  for (const count of [0, 1.5, Number.NaN]) refuse({ count }, /count must be a positive integer/);
});

test.run();

function decode(bytes: Uint8Array): PNG {
  return PNG.sync.read(Buffer.from(bytes));
}

function greyAt(png: PNG, x: number, y: number): number {
  return png.data[4 * (y * png.width + x)]!;
}

import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDataset, type Dataset, glyphs } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { softmaxRegressionAccuracy } from './softmaxRegression.ts';

const digest = ({ images, labels }: Dataset): string =>
  createHash('sha256').update(images).update(labels).digest('hex');

test('glyphs fit together as a data set of ten classes, about equally frequent', () => {
  const dataset = glyphs({ count: 1000 });
  checkDataset(dataset);
  assert.equal(dataset.shape, [1, 28, 28]);
  for (let digit = 0; digit < 10; digit++) {
    const share = dataset.labels.filter((label) => label === digit).length / 1000;
    assert.ok(share > 0.07 && share < 0.13, `digit ${digit} has a share of ${share}`);
  }
});

test('glyphs are the same bytes on every machine', () => {
  // Change this only together with the drawing: it is how a difference between engines shows.
  assert.is(digest(glyphs({ count: 200 })), '91c8774fc39d3edf385b08abbc9614cf61f2973ede30785a03deef8a4350ad31');
});

test('seed and split change the glyphs, and a smaller count is a prefix of a larger one', () => {
  const variants = [{}, { seed: 1 }, { train: false }, { seed: 1, train: false }];
  assert.is(new Set(variants.map((options) => digest(glyphs({ ...options, count: 20 })))).size, 4);
  const long = glyphs({ count: 30 });
  const short = glyphs({ count: 10 });
  assert.equal(long.images.subarray(0, short.images.length), short.images);
  assert.equal(long.labels.subarray(0, 10), short.labels);
});

test('glyphs state the mean and deviation of their own pixels', () => {
  const { images, mean, std } = glyphs({ count: 2000 });
  const measuredMean = images.reduce((sum, byte) => sum + byte / 255, 0) / images.length;
  const variance = images.reduce((sum, byte) => sum + (byte / 255 - measuredMean) ** 2, 0) / images.length;
  assert.ok(Math.abs(measuredMean - mean[0]!) < 0.005, `mean ${measuredMean}`);
  assert.ok(Math.abs(Math.sqrt(variance) - std[0]!) < 0.005, `std ${Math.sqrt(variance)}`);
});

test('a linear classifier learns glyphs in part only', () => {
  const accuracy = softmaxRegressionAccuracy(glyphs({ count: 3000 }), glyphs({ train: false, count: 500 }), {
    epochs: 4,
  });
  assert.ok(accuracy > 0.72 && accuracy < 0.88, `accuracy ${accuracy}`);
});

test('glyphs refuse a count or seed out of range', () => {
  for (const options of [
    { count: 0 },
    { count: -1 },
    { count: 1.5 },
    { count: Number.NaN },
    { count: 1e9 },
    { seed: -1 },
  ]) {
    assert.throws(
      () => glyphs(options),
      (error: Error) => error instanceof ShapeError && /must be an integer in/.test(error.message),
    );
  }
});

test.run();

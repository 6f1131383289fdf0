import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { centerCrop, type Image, preprocess, resize } from '../../datasets/index.ts';
import { loadImage } from '../../datasets/node/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formulaImage } from './formulaImage.ts';
import { assertImage, assertTensor, imageFixtures } from './imageFixtures.ts';

test('resize equals Pillow, up and down, odd sizes, grey and RGB', () => {
  for (const { from, seed, size, resized } of imageFixtures.resize) {
    assertImage(resize(formulaImage(...from, seed), size), resized, `[${from}] to ${size}`);
  }
});

test('centerCrop equals torchvision, where it cuts and where it pads', () => {
  for (const { from, seed, size, cropped } of imageFixtures.crop) {
    assertImage(centerCrop(formulaImage(...from, seed), size), cropped, `[${from}] to ${size}`);
  }
});

test('preprocess equals torchvision to the last bit', () => {
  for (const { from, seed, preprocessing, ...expected } of imageFixtures.preprocessed) {
    const actual = preprocess(formulaImage(...from, seed), imageFixtures.preprocessings[preprocessing]!);
    assertTensor(actual, expected, `[${from}] ${preprocessing}`);
  }
});

test('the input is left as it was', () => {
  const image = formulaImage(9, 12, 3, 1);
  preprocess(image, { resize: 5, crop: 7, mean: [0.5], std: [0.5] });
  assert.equal(image, formulaImage(9, 12, 3, 1));
});

test('options that make no sense are refused by name', () => {
  const image = formulaImage(4, 4, 3, 0);
  const flat: Image = { ...image, data: image.data.subarray(1) };
  const long = formulaImage(1, 3000, 1, 0);
  const cases: [run: () => unknown, message: string][] = [
    [() => resize(image, 0), 'resize: a size is a positive integer or two of them, [height, width], given 0'],
    [() => resize(image, [3, 2.5]), 'given 3,2.5'],
    [() => resize(long, 1000), 'resize: at most 268435456 pixels can be made, asked for [1000, 3000000]'],
    [() => resize(flat, 2), 'resize: an image of [4, 4, 3] has 48 values, given 47'],
    [() => centerCrop(image, -1), 'centerCrop: a size'],
    [
      () => preprocess(image, { mean: [0, 0], std: [1, 1] }),
      'mean and std have 1 entry (grey) or 3 (RGB), given 2 and 2',
    ],
    [() => preprocess(image, { mean: [0], std: [1, 1, 1] }), 'given 1 and 3'],
    [() => preprocess(image, { mean: [0], std: [0] }), 'std is positive, given [0]'],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error: Error) => error instanceof ShapeError && error.message.includes(message), message);
  }
});

const data = process.env.WGRAD_DATA ?? '';
for (const [name, { imagenet }] of Object.entries(imageFixtures.photographs)) {
  const where = data && existsSync(join(data, name)) ? test : test.skip;
  where(`the photograph ${name} becomes the tensor that torchvision makes of it`, async () => {
    assertTensor(preprocess(await loadImage(join(data, name)), imageFixtures.preprocessings.imagenet!), imagenet, name);
  });
}

test.run();

// Pictures prepared on the GPU against the exact path on the CPU, which is torchvision's to the last bit.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  IMAGENET_PREPROCESSING,
  type Image,
  type Preprocessing,
  packPixels,
  preprocess,
  resolvePreprocessing,
} from '../../datasets/index.ts';
import { loadImage } from '../../datasets/node/index.ts';
import { preprocessImage } from '../../engine/functional/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formulaImage } from '../datasets/formulaImage.ts';

const { mean, std } = IMAGENET_PREPROCESSING;
const device = await createDevice();
const test = suite('preprocessImage');

test('pictures of odd sizes become what preprocess makes of them', async () => {
  const cases: [height: number, width: number, channels: 1 | 3, preprocessing: Preprocessing][] = [
    [61, 47, 3, { resize: 32, crop: 28, mean, std }],
    [31, 97, 3, { resize: [28, 28], mean: [0.1307], std: [0.3081] }],
    [28, 28, 1, { resize: 56, crop: 48, mean, std }],
    [40, 33, 3, { crop: 36, mean, std }],
    [19, 20, 3, { mean, std }],
    [300, 401, 3, IMAGENET_PREPROCESSING],
    [1, 9, 3, { resize: 5, crop: [7, 4], mean, std }],
  ];
  for (const [height, width, channels, preprocessing] of cases) {
    await assertSame(formulaImage(height, width, channels, 3), preprocessing, `${height}x${width}x${channels}`);
  }
});

test('sizes that make no sense are refused, and shrinking beyond its integers', () => {
  const pixels = device.tensor(new Uint32Array(20_011), [1, 20_011]);
  const options = { resized: [1, 2], offset: [0, 0], crop: [1, 2], mean, std } as const;
  const cases: [options: Parameters<typeof preprocessImage>[1], message: string][] = [
    [options, 'width 20011 resized to 2 exceeds 32-bit integers; resize in two steps'],
    [
      { ...options, crop: [0, 2] },
      'sizes must be positive integers, offsets integers within 2^30, given resized 1,2, crop 0,2',
    ],
    [{ ...options, offset: [0, -(2 ** 31)] }, 'offsets integers within 2^30, given'],
    [{ ...options, std: [1, 0, 1] }, 'mean must be finite and std positive, given'],
    [{ ...options, std: [1] }, 'mean and std have 1 entry (grey) or 3 (RGB), given 3 and 1'],
  ];
  for (const [refused, message] of cases) {
    assert.throws(
      () => preprocessImage(pixels, refused),
      (error: Error) => error instanceof ShapeError && error.message.includes(message),
      message,
    );
  }
  pixels.dispose();
});

const data = process.env.WGRAD_DATA ?? '';
const photographs = join(data, 'imagenet-samples');
const where = data && existsSync(photographs) ? test : test.skip;
where('photographs become what preprocess makes of them', async () => {
  const names = readdirSync(photographs).filter((name) => name.endsWith('.JPEG'));
  const paths = [join(data, 'photos', 'dog.jpg'), ...names.slice(0, 8).map((name) => join(photographs, name))];
  for (const path of paths) await assertSame(await loadImage(path), IMAGENET_PREPROCESSING, path);
});

test.run();

/** Not a level apart: a level is 1/255 before the division by std. */
async function assertSame(image: Image, preprocessing: Preprocessing, what: string): Promise<void> {
  const expected = preprocess(image, preprocessing);
  using _scope = device.scope();
  const pixels = device.tensor(packPixels(image), [image.height, image.width]);
  const x = preprocessImage(pixels, resolvePreprocessing(image, preprocessing));
  assert.equal(x.shape, [1, ...expected.shape], what);
  const actual = await x.data();
  let farthest = 0;
  for (const [i, value] of expected.data.entries()) farthest = Math.max(farthest, Math.abs(value - actual[i]!));
  assert.ok(farthest < 1e-5, `${what}: values differ by up to ${farthest}`);
}

// Pictures prepared on the GPU against the exact path on the CPU, which is torchvision's to the last bit.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { IMAGENET_PREPROCESSING, type Preprocessing } from '../../datasets/index.ts';
import { preprocessImage } from '../../engine/functional/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formulaImage } from '../datasets/formulaImage.ts';
import { assertPreprocessed } from './assertPreprocessed.ts';

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
    await assertPreprocessed(
      device,
      formulaImage(height, width, channels, 3),
      preprocessing,
      `${height}x${width}x${channels}`,
    );
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

test.run();

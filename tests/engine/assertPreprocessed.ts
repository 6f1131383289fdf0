// A picture prepared on the GPU, held against the exact path on the CPU.
import * as assert from 'uvu/assert';
import { type Image, type Preprocessing, packPixels, preprocess, resolvePreprocessing } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { preprocessImage } from '../../engine/functional/index.ts';

/** Not a level apart: a level is 1/255 before the division by std. */
export async function assertPreprocessed(
  device: Device,
  image: Image,
  preprocessing: Preprocessing,
  what: string,
): Promise<void> {
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

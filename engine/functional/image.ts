// Pictures on their way into a network.
import {
  type ResizeNormalizeOptions,
  resizeNormalize as resizeNormalizeOperation,
} from '../../kernels/resizeNormalize/resizeNormalize.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Resizes (bilinear with antialiasing), crops and normalises a picture on the GPU: the levels are those of Pillow's
 * resize bit for bit, so the values equal `preprocess` of `wgrad/datasets` but for the rounding of one float32 division.
 *
 *     const pixels = device.tensor(packPixels(image), [image.height, image.width]);
 *     const x = preprocessImage(pixels, resolvePreprocessing(image, IMAGENET_PREPROCESSING));
 *
 * @param pixels uint32 `[h, w]`: red in the lowest byte, then green and blue; the highest is ignored. It is bound
 *   whole, so pictures beyond the adapter's binding limit (128 MiB are 33 million pixels) need `preprocess`
 * @param options `resized` `[height, width]` of the whole picture, `offset` `[top, left]` and `crop` `[height, width]` of
 *   what is cut out of it (black where it has nothing), `mean` and `std` in units of 255 levels: three entries, or one,
 *   which makes the picture grey
 * @returns `[1, c, cropHeight, cropWidth]`, c being the entries of `mean`; no gradient flows back
 * @throws ShapeError for sizes that make no sense, and where shrinking exceeds 32-bit integers
 * @see https://pytorch.org/vision/stable/transforms.html
 */
export function preprocessImage(pixels: Tensor, options: ResizeNormalizeOptions): Tensor {
  return apply(resizeNormalizeOperation, { x: pixels }, options).y;
}

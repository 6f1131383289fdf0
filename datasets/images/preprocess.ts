// From a decoded picture to what a network reads, bit for bit as torchvision's presets do it on the CPU.

import { ShapeError } from '../../kernels/errors.ts';
import { centerCrop } from './centerCrop.ts';
import { checkImage, type Image } from './image.ts';
import type { Preprocessing } from './preprocessing.ts';
import { resize } from './resize.ts';
import { withChannels } from './withChannels.ts';

/** A network's input for one picture. */
export interface Preprocessed {
  /** [c, h, w], row-major. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: [c: number, h: number, w: number];
}

/**
 * Resize, CenterCrop, ToTensor, Normalize: the arithmetic of torchvision's transforms on a PIL image, each step in
 * float32. One entry in `mean` makes an RGB image grey first; three take a grey image three times.
 * @throws ShapeError for sizes, `mean` or `std` that make no sense.
 * https://pytorch.org/vision/stable/transforms.html
 */
export function preprocess(image: Image, { resize: size, crop, mean, std }: Preprocessing): Preprocessed {
  checkImage('preprocess', image);
  const channels = checkNormalization(mean, std);
  let pixels = channels === 1 ? withChannels(image, 1) : image;
  if (size !== undefined) pixels = resize(pixels, size);
  if (crop !== undefined) pixels = centerCrop(pixels, crop);
  const { height, width } = pixels;
  const area = height * width;
  const data = new Float32Array(channels * area);
  for (let c = 0; c < channels; c++) {
    const levels = normalizedLevels(mean[c]!, std[c]!);
    const step = pixels.channels;
    const first = step === 1 ? 0 : c;
    for (let i = 0; i < area; i++) data[c * area + i] = levels[pixels.data[i * step + first]!]!;
  }
  return { data, shape: [channels, height, width] };
}

/** The number of channels that `mean` and `std` stand for. @throws ShapeError */
function checkNormalization(mean: readonly number[], std: readonly number[]): 1 | 3 {
  const channels = mean.length;
  if ((channels !== 1 && channels !== 3) || std.length !== channels) {
    throw new ShapeError(
      `preprocess: mean and std have 1 entry (grey) or 3 (RGB), given ${mean.length} and ${std.length}`,
    );
  }
  if (std.some((value) => !(value > 0))) throw new ShapeError(`preprocess: std is positive, given [${std.join(', ')}]`);
  if (!mean.every(Number.isFinite)) throw new ShapeError(`preprocess: mean is finite, given [${mean.join(', ')}]`);
  return channels;
}

/** What each of the 256 levels becomes; every step rounds to float32, as torch's does. */
function normalizedLevels(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, level) => {
    const difference = Math.fround(Math.fround(level / 255) - Math.fround(mean));
    return difference / Math.fround(std);
  });
}

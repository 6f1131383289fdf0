// A data set of files, read into memory once: for what is small enough and used often.
import { ShapeError } from '../kernels/errors.ts';
import type { Dataset } from './dataset.ts';
import type { ImageDataset } from './imageDataset.ts';
import type { Image } from './images/image.ts';
import { checkInteger } from './loader/checkInteger.ts';
import { sampleRandom } from './transforms/sampleRandom.ts';
import type { Transform } from './transforms/transform.ts';

export interface ReadAllOptions {
  /** From image to image, for all images one size: `new Compose([new Resize(72), new CenterCrop(64)])`. Default: none. */
  readonly transform?: Transform;
  /** Reads only the first `limit` samples, or all when there are fewer. */
  readonly limit?: number;
  /** Of what is random in the transform; drawn as in epoch 0. Default 0. */
  readonly seed?: number;
  /** Larger sets are refused after the first image. Default 2^30 (1 GiB). */
  readonly maxBytes?: number;
}

/**
 * The inverse of `imagesOf`. Mean and standard deviation are those of what was read.
 * @throws ShapeError where images differ in size, are no images after the transform, or would take more than
 *   `maxBytes`; where targets are no class indices. FormatError where a file is damaged
 */
export async function readAll(
  set: ImageDataset<number>,
  { transform, limit = set.count, seed = 0, maxBytes = 2 ** 30 }: ReadAllOptions = {},
): Promise<Dataset> {
  checkInteger('readAll: limit', limit, { low: 1 });
  checkInteger('readAll: seed', seed);
  checkInteger('readAll: maxBytes', maxBytes, { low: 1 });
  const { name, classes } = set;
  const count = Math.min(limit, set.count);
  if (count === 0 || classes.length === 0) {
    throw new ShapeError(
      `readAll: ${name} has ${set.count} samples and ${classes.length} classes; it needs some of both`,
    );
  }

  const read = async (index: number): Promise<{ image: Image; label: number }> => {
    const { image, target } = await set.get(index);
    if (!(Number.isInteger(target) && target >= 0 && target < classes.length)) {
      throw new ShapeError(
        `readAll: ${name}: sample ${index} has the target ${target}, not one of ${classes.length} classes`,
      );
    }
    const made = transform ? transform.call(image, sampleRandom(seed, 0, index)) : image;
    if ('shape' in made) {
      throw new ShapeError(
        `readAll: keeps bytes, but ${transform} returned a tensor: leave ToTensor and Normalize out`,
      );
    }
    return { image: made, label: target };
  };

  const { width, height, channels } = (await read(0)).image;
  const size = channels * height * width;
  if (count * size > maxBytes) {
    throw new ShapeError(
      `readAll: ${count} images of [${channels}, ${height}, ${width}] take ${count * size} bytes, more than maxBytes ` +
        `(${maxBytes}): set a limit, or give ${name} itself to DataLoader`,
    );
  }
  const images = new Uint8Array(count * size);
  const labels = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    const { image, label } = await read(index);
    if (image.width !== width || image.height !== height || image.channels !== channels) {
      throw new ShapeError(
        `readAll: sample ${index} of ${name} is [${image.channels}, ${image.height}, ${image.width}] but sample 0 is ` +
          `[${channels}, ${height}, ${width}]: give a transform that makes them equal`,
      );
    }
    copyPlanes(image, images.subarray(index * size, (index + 1) * size));
    labels[index] = label;
  }
  return {
    name,
    images,
    labels,
    count,
    shape: [channels, height, width],
    classes,
    ...statistics(images, channels, count),
  };
}

function copyPlanes({ data, channels }: Image, planes: Uint8Array): void {
  const pixels = data.length / channels;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) planes[c * pixels + p] = data[p * channels + c]!;
  }
}

/** Of each channel over all images, in units of 255 levels; exact sums, as levels are integers. */
function statistics(images: Uint8Array, channels: number, count: number): { mean: number[]; std: number[] } {
  const pixels = images.length / channels / count;
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  for (let plane = 0; plane < count * channels; plane++) {
    const histogram = histograms[plane % channels]!;
    for (let p = plane * pixels; p < (plane + 1) * pixels; p++) histogram[images[p]!]!++;
  }
  const average = (histogram: Float64Array, of: (level: number) => number) =>
    histogram.reduce((sum, n, level) => sum + n * of(level / 255), 0) / (count * pixels);
  const mean = histograms.map((histogram) => average(histogram, (level) => level));
  const std = histograms.map((histogram, c) => Math.sqrt(average(histogram, (level) => (level - mean[c]!) ** 2)));
  return { mean, std: std.map((value) => value || 1) }; // pictures of one colour are only centred
}

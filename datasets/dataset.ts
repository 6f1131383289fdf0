// A labelled image set held in memory, and the batches drawn from it.

import { ShapeError } from '../kernels/errors.ts';

/** Labelled images in memory, as bytes; `batchOf` turns some of them into what a network reads. */
export interface Dataset {
  readonly name: string;
  /** Grey or colour levels 0..255, row-major: [count, c, h, w]. */
  readonly images: Uint8Array;
  /** Class of each image, an index into `classes`: [count]. */
  readonly labels: Uint8Array | Uint32Array;
  readonly count: number;
  /** Shape of one image: [c, h, w]. */
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly classes: readonly string[];
  /** Mean and standard deviation of each channel, in units of 255 levels, over the training images. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Images ready for a network, with their labels. */
export interface Batch {
  /** (byte / 255 - mean) / std, row-major in the logical order `shape`. */
  readonly x: Float32Array<ArrayBuffer>;
  readonly shape: readonly [n: number, channels: number, height: number, width: number];
  /** Class indices: [n]. */
  readonly labels: Uint32Array<ArrayBuffer>;
  /** Where each image stands in the data set: [n]. */
  readonly indices: Uint32Array<ArrayBuffer>;
}

/**
 * The normalised images and labels at `indices`, in that order.
 * Normalisation is that of torchvision's `ToTensor` followed by `Normalize(mean, std)`, rounded to float32 once.
 * @throws ShapeError when an index lies outside the data set.
 */
export function batchOf(dataset: Dataset, indices: ArrayLike<number>): Batch {
  const [channels, height, width] = dataset.shape;
  const pixels = height * width;
  const n = indices.length;
  const x = new Float32Array(n * channels * pixels);
  const labels = new Uint32Array(n);
  const levels = normalisedLevels(dataset);
  for (let i = 0; i < n; i++) {
    const index = indices[i]!;
    if (!(Number.isInteger(index) && index >= 0 && index < dataset.count)) {
      throw new ShapeError(`${dataset.name}: index ${index} (at ${i}) is outside the ${dataset.count} images`);
    }
    labels[i] = dataset.labels[index]!;
    for (let c = 0; c < channels; c++) {
      const from = (index * channels + c) * pixels;
      const to = (i * channels + c) * pixels;
      const level = levels[c]!;
      for (let p = 0; p < pixels; p++) x[to + p] = level[dataset.images[from + p]!]!;
    }
  }
  return { x, shape: [n, channels, height, width], labels, indices: Uint32Array.from(indices) };
}

/**
 * Checks that a data set's arrays, shape, classes and statistics fit together.
 * @throws ShapeError naming the data set and the field that does not fit.
 */
export function checkDataset(dataset: Dataset): void {
  const { name, images, labels, count, shape, classes, mean, std } = dataset;
  const fail = (what: string): never => {
    throw new ShapeError(`data set ${name}: ${what}`);
  };
  if (!(Number.isInteger(count) && count > 0)) fail(`count must be a positive integer, not ${count}`);
  if (shape.length !== 3 || shape.some((size) => !(Number.isInteger(size) && size > 0))) {
    fail(`shape must be three positive integers [c, h, w], not [${shape.join(', ')}]`);
  }
  const [channels, height, width] = shape;
  const expected = count * channels * height * width;
  if (images.length !== expected) {
    fail(`images has ${images.length} bytes, but ${count} images of [${shape.join(', ')}] are ${expected}`);
  }
  if (labels.length !== count) fail(`labels has ${labels.length} entries for ${count} images`);
  if (mean.length !== channels || std.length !== channels) {
    fail(`mean and std need one entry per channel (${channels}), not ${mean.length} and ${std.length}`);
  }
  if (!mean.every(Number.isFinite)) fail(`mean must be finite, not [${mean.join(', ')}]`);
  if (!std.every((value) => Number.isFinite(value) && value > 0)) fail(`std must be positive, not [${std.join(', ')}]`);
  // A label beyond the logits would be clamped by WebGPU in silence, so it is caught here.
  const wrong = labels.findIndex((label) => label >= classes.length);
  if (wrong >= 0) fail(`labels[${wrong}] is ${labels[wrong]}, but there are ${classes.length} classes`);
}

/** The float32 value of each of the 256 levels, one table per channel. */
function normalisedLevels({ mean, std }: Dataset): Float32Array[] {
  return mean.map((channelMean, c) => Float32Array.from({ length: 256 }, (_, v) => (v / 255 - channelMean) / std[c]!));
}

// An in-memory data set on the device: its bytes go up once, and every batch is cut, augmented and normalised there.
import { checkDataset, type Dataset } from '../datasets/dataset.ts';
import { sampleRandom } from '../datasets/transforms/sampleRandom.ts';
import type { Transform } from '../datasets/transforms/transform.ts';
import type { Device } from '../engine/device.ts';
import type { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { show } from '../kernels/rank.ts';
import type { Augmentation } from './augmentation/augmentation.ts';
import { compileAugmentation } from './augmentation/compileAugmentation.ts';
import { runAugmentation } from './augmentation/runAugmentation.ts';

export interface DeviceBatchOptions {
  /**
   * As on the CPU: `Compose` of what `compileAugmentation` lists, ending in `ToTensor` and what follows it. Default:
   * `ToTensor`, then `Normalize` with the data set's own mean and deviation, rounded as `batchOf` does.
   */
  transform?: Transform | undefined;
  /** Default 0. */
  seed?: number;
  /** Default 0. */
  epoch?: number;
}

export interface DeviceBatch {
  /** float32 [n, c, h, w] */
  x: Tensor;
  /** uint32 [n] */
  labels: Tensor;
}

/**
 * Uploads a data set's bytes once; `batch` then moves only tables of a few numbers per sample.
 *
 *     using onDevice = new DeviceDataset(device, trainSet);
 *     const transform = new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), new ToTensor(), new Normalize(mean, std)]);
 *     const { x, labels } = onDevice.batch(indices, { transform, seed, epoch });
 *
 * Every value has the bits that the same transforms give on the CPU with `sampleRandom(seed, epoch, index)`.
 * Images beyond the adapter's binding limit are read in several launches; they must fit one buffer.
 */
export class DeviceDataset {
  readonly dataset: Dataset;
  readonly #words: Tensor;
  readonly #compiled = new WeakMap<Transform, Augmentation>();
  #plain: Augmentation | undefined;

  /**
   * @throws ShapeError for a data set that does not fit together, or whose images have neither 1 nor 3 channels
   * @throws OutOfMemoryError for one larger than the adapter's largest buffer: train it through a `DataLoader`
   */
  constructor(device: Device, dataset: Dataset) {
    checkDataset(dataset);
    if (dataset.shape[0] !== 1 && dataset.shape[0] !== 3) {
      throw new ShapeError(
        `DeviceDataset: images of ${dataset.name} must have 1 or 3 channels, given ${show(dataset.shape)}`,
      );
    }
    this.dataset = dataset;
    const words = wordsOf(dataset);
    this.#words = device.keep(device.tensor(words, [dataset.count, words.length / dataset.count]));
  }

  /**
   * The images and labels at `indices`, in that order; they belong to the caller's scope.
   * @throws ShapeError for no or strange indices, and for a transform that the device cannot run
   */
  batch(indices: ArrayLike<number>, { transform, seed = 0, epoch = 0 }: DeviceBatchOptions = {}): DeviceBatch {
    const { count, labels, name, shape } = this.dataset;
    const chosen = Array.from(indices);
    if (chosen.length === 0) throw new ShapeError(`${name}: a batch needs one index or more`);
    const wrong = chosen.findIndex((index) => !(Number.isInteger(index) && index >= 0 && index < count));
    if (wrong >= 0) {
      throw new ShapeError(`${name}: index ${chosen[wrong]} (at ${wrong}) is outside the ${count} images`);
    }
    const augmentation = this.#augmentation(transform);
    const samples = chosen.map((index) => augmentation.draw(sampleRandom(seed, epoch, index)));
    const { device } = this.#words;
    return device.tidy(() => ({
      labels: device.tensor(Uint32Array.from(chosen, (index) => labels[index])),
      x: runAugmentation({ words: this.#words, shape }, chosen, samples, augmentation),
    }));
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#words.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #augmentation(transform: Transform | undefined): Augmentation {
    if (!transform) {
      this.#plain ??= compileAugmentation(undefined, this.dataset);
      return this.#plain;
    }
    const known = this.#compiled.get(transform);
    if (known) return known;
    const compiled = compileAugmentation(transform, this.dataset);
    this.#compiled.set(transform, compiled);
    return compiled;
  }
}

/** [count, words]: each image begins a word, the first byte in its lowest bits. */
function wordsOf({ images, count }: Dataset): Uint32Array {
  const bytes = images.length / count;
  const words = Math.ceil(bytes / 4);
  if (bytes % 4 === 0 && images.byteOffset % 4 === 0) {
    return new Uint32Array(images.buffer, images.byteOffset, count * words);
  }
  const padded = new Uint8Array(count * words * 4);
  for (let i = 0; i < count; i++) padded.set(images.subarray(i * bytes, (i + 1) * bytes), i * words * 4);
  return new Uint32Array(padded.buffer);
}

// Where features wait for the epochs to come: on the device, or on a disk, which `wgrad/training/node` brings along.
import type { Device } from '../../engine/device.ts';
import { Tensor } from '../../engine/tensor.ts';
import { sizeOf } from '../../kernels/definition.ts';
import type { FeatureCut } from './featureCut.ts';

/** Rows of features, as they lie on the device. */
export interface FeatureStore extends Disposable {
  /** Adds the features of the next images; takes them over. */
  add(features: Tensor): Promise<void>;
  /** The features of these images, a fresh tensor. */
  rows(indices: Uint32Array): Tensor;
}

/** Takes what is too much for the device. */
export interface FeatureDisk {
  /** Its name in messages. */
  readonly place: string;
  readonly freeBytes: () => number;
  readonly open: (device: Device, cut: FeatureCut) => FeatureStore;
}

/** Keeps the tensors as they come and copies rows out of them. */
export class DeviceStore implements FeatureStore {
  readonly #device: Device;
  readonly #cut: FeatureCut;
  readonly #chunkSize: number;
  readonly #chunks: Tensor[] = [];

  /** @param chunkSize images in every tensor that is added, but for the last */
  constructor(device: Device, cut: FeatureCut, chunkSize: number) {
    this.#device = device;
    this.#cut = cut;
    this.#chunkSize = chunkSize;
  }

  async add(features: Tensor): Promise<void> {
    this.#chunks.push(features);
  }

  rows(indices: Uint32Array): Tensor {
    const target = emptyRows(this.#device, this.#cut, indices.length);
    const size = sizeOf(this.#cut.shape) * 4;
    for (const [i, index] of indices.entries()) {
      const { storage, byteOffset } = this.#chunks[Math.floor(index / this.#chunkSize)];
      this.#device.recorder.copy(
        { buffer: storage.buffer, offset: byteOffset + (index % this.#chunkSize) * size, size },
        { buffer: target.storage.buffer, offset: target.byteOffset + i * size },
      );
    }
    return target;
  }

  [Symbol.dispose](): void {
    for (const chunk of this.#chunks) chunk.dispose();
  }
}

function emptyRows(device: Device, cut: FeatureCut, n: number): Tensor {
  return asRows(device.empty([n * sizeOf(cut.shape)]), cut, n);
}

/** The same memory under the features' own shape and order. */
export function asRows(flat: Tensor, { shape, order }: FeatureCut, n: number): Tensor {
  const description = { shape: [n, ...shape], dtype: 'float32', order } as const;
  const rows = new Tensor(flat.device, description, flat.storage.retain(), flat.byteOffset);
  flat.dispose();
  return rows;
}

// Where features wait for the epochs to come: on the device, or in a file.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Device } from '../../engine/device.ts';
import { Tensor } from '../../engine/tensor.ts';
import { sizeOf } from '../../kernels/definition.ts';
import { WgradError } from '../../kernels/errors.ts';
import type { FeatureCut } from './featureCut.ts';

/** Rows of features, as they lie on the device. */
export interface FeatureStore extends Disposable {
  /** Adds the features of the next images; takes them over. */
  add(features: Tensor): Promise<void>;
  /** The features of these images, a fresh tensor. */
  rows(indices: Uint32Array): Tensor;
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

/**
 * Writes rows one after the other into a file of its own, which is gone with the process. Making and adding throw a
 * WgradError where the disk takes no more.
 */
export class DiskStore implements FeatureStore {
  readonly #device: Device;
  readonly #cut: FeatureCut;
  readonly #folder: string;
  readonly #file: number;

  constructor(device: Device, cut: FeatureCut) {
    this.#device = device;
    this.#cut = cut;
    this.#folder = onDisk(() => mkdtempSync(join(tmpdir(), 'wgrad-features-')));
    this.#file = onDisk(() => openSync(join(this.#folder, 'features'), 'wx+'));
    // opened, it needs no name; where open files keep theirs (Windows) it goes with dispose()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 0 });
  }

  async add(features: Tensor): Promise<void> {
    try {
      const bytes = new Uint8Array(await this.#device.download(features));
      for (let at = 0; at < bytes.length; ) at += onDisk(() => writeSync(this.#file, bytes, at));
    } finally {
      features.dispose();
    }
  }

  rows(indices: Uint32Array): Tensor {
    const length = sizeOf(this.#cut.shape);
    const values = new Float32Array(indices.length * length);
    const bytes = new Uint8Array(values.buffer);
    for (const [i, index] of indices.entries()) {
      for (let at = 0; at < length * 4; ) {
        const read = readSync(this.#file, bytes, i * length * 4 + at, length * 4 - at, index * length * 4 + at);
        if (read === 0) throw new RangeError(`features of image ${index} were never written`);
        at += read;
      }
    }
    return asRows(this.#device.tensor(values), this.#cut, indices.length);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @throws WgradError saying where there is no room, and what else can be done */
function onDisk<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new WgradError(
      `features cannot be kept in ${tmpdir()}: ${(cause as Error).message}; set TMPDIR to a folder with room for them, ` +
        "or keep none (cache: 'none')",
      { cause },
    );
  }
}

function emptyRows(device: Device, cut: FeatureCut, n: number): Tensor {
  return asRows(device.empty([n * sizeOf(cut.shape)]), cut, n);
}

/** The same memory under the features' own shape and order. */
function asRows(flat: Tensor, { shape, order }: FeatureCut, n: number): Tensor {
  const description = { shape: [n, ...shape], dtype: 'float32', order } as const;
  const rows = new Tensor(flat.device, description, flat.storage.retain(), flat.byteOffset);
  flat.dispose();
  return rows;
}

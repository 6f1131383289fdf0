// Features that are too many for the device, in a file.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Device } from '../../engine/device.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { sizeOf } from '../../kernels/definition.ts';
import { WgradError } from '../../kernels/errors.ts';
import type { FeatureCut } from '../fineTune/featureCut.ts';
import { asRows, type FeatureDisk, type FeatureStore } from '../fineTune/featureStore.ts';

/** The folder for temporary files. */
export const featureDisk: FeatureDisk = {
  get place() {
    return tmpdir();
  },
  freeBytes() {
    const { bavail, bsize } = statfsSync(tmpdir());
    return bavail * bsize;
  },
  open: (device, cut) => new DiskStore(device, cut),
};

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

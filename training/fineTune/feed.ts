// How batches reach the model: as images, or as features that were computed once.
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { placed, type StepBatch } from '../stepRunner.ts';
import type { BatchSource, SourceBatch } from './batchSource.ts';
import { callFromFeatures, type FeatureCut, featureBytes, featuresOf, findCut } from './featureCut.ts';
import { DeviceStore, type FeatureDisk, type FeatureStore } from './featureStore.ts';
import type { Mix } from './mixup.ts';

export type CacheKind = 'device' | 'disk' | 'none';

/** What became of caching, and why not. */
export interface CacheReport {
  readonly kind: CacheKind;
  /** Dotted name of the module whose input is kept; absent without a cache. */
  readonly module?: string;
  /** Of the features kept. */
  readonly bytes: number;
  /** Why there is no cache. */
  readonly reason?: string;
}

/** A batch, ready to run. */
export interface FedBatch extends StepBatch {
  /** Enqueues the model's forward pass. @param x its values, where they lie on the device already */
  readonly logits: (x?: Tensor) => unknown;
}

export interface Feed extends Disposable {
  readonly source: BatchSource;
  readonly cache: CacheReport;
  /** @param mix of the images, which a feed of features cannot do */
  prepare(indices: Uint32Array<ArrayBuffer>, epoch: number, mix?: Mix): Promise<FedBatch>;
}

export interface FeedOptions {
  model: AnyModule;
  device: Device;
  source: BatchSource;
  /** `auto` chooses by size. */
  cache: CacheKind | 'auto';
  /** Bytes of features that may lie on the device. */
  deviceBytes: number;
  /** Where more of them can be kept. */
  disk?: FeatureDisk | undefined;
  batchSize: number;
  /** Why features of this source cannot be kept, if that is known beforehand. */
  obstacle?: string | undefined;
  onProgress?: ((images: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** @throws ShapeError for features that shall be kept on a disk where there is none */
export function checkCache({ cache, disk }: Partial<Pick<FeedOptions, 'cache' | 'disk'>>): void {
  if (cache !== 'disk' || disk) return;
  throw new ShapeError(
    "fineTune: cache 'disk' needs a disk: import fineTune from 'wgrad/training/node', or leave cache out",
  );
}

/** Below this share of the model's work before the cut, keeping features is not worth their memory. */
const MIN_SHARE = 0.2;

/**
 * A feed of features where that is possible and wanted, else one of images. The features are computed here, in the modes
 * the model is in, batch by batch as training would.
 * @returns undefined when `signal` fired on the way
 */
export async function openFeed(options: FeedOptions): Promise<Feed | undefined> {
  const { model, device, source, batchSize, onProgress, signal } = options;
  const chosen = chooseCache(options);
  if (typeof chosen === 'string') return imageFeed(options, chosen);
  const { cut, disk } = chosen;
  const store = disk ? disk.open(device, cut) : new DeviceStore(device, cut, batchSize);
  try {
    let next: ReturnType<typeof batchAt> | undefined = batchAt(0);
    for (let start = 0; next; start += batchSize) {
      await store.add(keptFeatures(model, device, await next, cut));
      next = start + batchSize < source.count ? batchAt(start + batchSize) : undefined;
      next?.catch(() => {}); // surfaces where it is awaited
      await device.idle(); // or all batches would wait in the driver's memory
      onProgress?.(Math.min(start + batchSize, source.count));
      if (signal?.aborted) {
        store[Symbol.dispose]();
        return undefined;
      }
    }
    if (!(await agrees())) {
      store[Symbol.dispose]();
      return imageFeed(options, 'this adapter computes a smaller batch with other last bits');
    }
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
  return featureFeed(options, { store, cut, kind: disk ? 'disk' : 'device' });

  async function batchAt(start: number) {
    return source.batch(rangeOf(start, Math.min(start + batchSize, source.count)), 0);
  }

  /** Every epoch's last batch is smaller than the others, of other images each time: their features must not differ. */
  async function agrees(): Promise<boolean> {
    const rest = source.count % batchSize;
    if (rest === 0 || source.count < batchSize) return true;
    const indices = rangeOf(0, rest);
    const [fresh, kept] = [keptFeatures(model, device, await source.batch(indices, 0), cut), store.rows(indices)];
    const [a, b] = await Promise.all([device.download(fresh), device.download(kept)]);
    for (const tensor of [fresh, kept]) tensor.dispose();
    const [words, others] = [new Uint32Array(a), new Uint32Array(b)];
    return words.every((word, i) => word === others[i]);
  }
}

/** The indices from `start` to before `end`. */
export function rangeOf(start: number, end: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: end - start }, (_, i) => start + i);
}

/** On the disk, or where that is undefined on the device; a reason where nowhere. */
function chooseCache(options: FeedOptions): { cut: FeatureCut; disk: FeatureDisk | undefined } | string {
  const { model, source, cache, deviceBytes, disk, obstacle } = options;
  if (cache === 'none') return 'not wanted';
  if (obstacle) return obstacle;
  if (source.isRandom) return 'the images are augmented, so their features differ from epoch to epoch';
  const cut = findCut(model, source.shape);
  if (typeof cut === 'string') return cut;
  const bytes = featureBytes(cut, source.count);
  if (cache === 'auto' && cut.share < MIN_SHARE) {
    return `only ${Math.round(100 * cut.share)} % of the work lies before ${cut.module}, the first layer that changes`;
  }
  if (cache === 'device' || (cache === 'auto' && bytes <= deviceBytes)) return { cut, disk: undefined };
  if (!disk)
    return `the features need ${bytes} bytes, of which ${deviceBytes} may lie on the device, and no disk was given`;
  const free = disk.freeBytes();
  if (bytes <= 0.9 * free) return { cut, disk };
  return `the features need ${bytes} bytes, and ${disk.place} has ${free} free`;
}

/** Outside every scope: the store frees them. */
function keptFeatures(model: AnyModule, device: Device, { x, shape }: SourceBatch, cut: FeatureCut): Tensor {
  using _ = device.scope();
  return device.keep(featuresOf(model, device.tensor(x, shape), cut));
}

function imageFeed({ model, device, source }: FeedOptions, reason: string): Feed {
  return {
    source,
    cache: { kind: 'none', bytes: 0, reason },
    async prepare(indices, epoch, mix) {
      const { x, shape, labels } = await source.batch(indices, epoch);
      const images = { values: mix ? mix.images(x) : x, shape };
      return { labels, x: images, logits: (given = placed(device, images)) => model.call(given) };
    },
    [Symbol.dispose]() {},
  };
}

interface Kept {
  store: FeatureStore;
  cut: FeatureCut;
  kind: 'device' | 'disk';
}

function featureFeed({ model, source }: FeedOptions, { store, cut, kind }: Kept): Feed {
  return {
    source,
    cache: { kind, module: cut.module, bytes: featureBytes(cut, source.count) },
    async prepare(indices) {
      const labels = Uint32Array.from(indices, (index) => source.labels[index]);
      const rows = () => store.rows(indices);
      return { labels, x: rows, logits: (given = rows()) => callFromFeatures(model, given, cut, source.shape) };
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

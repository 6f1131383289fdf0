// What a loader can be told, and what it says about where it stands.
import type { Sampler } from '../samplers/sampler.ts';
import type { Transform } from '../transforms/transform.ts';
import type { StackedBatch, TensorSample } from './loadedBatch.ts';
import type { LoaderWorker } from './protocol.ts';

export interface DataLoaderOptions<Target = number, Content extends object = StackedBatch<Target>> {
  /** Images per batch. */
  batchSize: number;
  /** A new order in every epoch (default false: the data set's order). */
  shuffle?: boolean;
  /** Which samples an epoch visits, and in what order; instead of `shuffle` and `limit`. */
  sampler?: Sampler;
  /** Of the order and of what is random in the transform, default 0. */
  seed?: number;
  /** Leave out the last batch when it is smaller than the others (default false). */
  dropLast?: boolean;
  /** How many batches are prepared ahead (with workers: by each), default 2; 0 prepares each when it is asked for. */
  prefetch?: number;
  /** Use only the first `limit` images of the data set, or all when it has fewer. */
  limit?: number;
  /**
   * From image to tensor. Its random numbers follow from seed, epoch and the sample's place in the data set.
   * Default: `ToTensor`; for a data set in memory, normalisation by its own mean and std.
   */
  transform?: Transform;
  /** Makes an object of a batch's samples, instead of one stacked tensor. Called in this thread, in order. */
  collate?: (samples: readonly TensorSample<Target>[]) => Content;
  /**
   * Threads that read and transform, at most 256; default 0: this one does. Batches are the same bytes in the same order
   * whatever the number. They open the data set by its `source`; data in memory is shared with them.
   */
  workers?: number;
  /** Keeps the workers, and what they opened, from epoch to epoch, until `close()`. Default false. */
  persistentWorkers?: boolean;
  /** Leaves samples that throw FormatError out of their batch and lists them in `bad`. Default false. */
  skipBad?: boolean;
  /** Ends an iteration: it rejects with the signal's reason, and its workers end. */
  signal?: AbortSignal;
  /** Starts a thread. `wgrad/datasets` starts web workers, `wgrad/datasets/node` worker threads. */
  createWorker?: () => LoaderWorker;
}

/** Where a loader stands and what it must agree on with the one that goes on; plain JSON. */
export interface DataLoaderState {
  readonly epoch: number;
  /** The first batch that was not handed out. */
  readonly startBatch: number;
  readonly seed: number;
  readonly batchSize: number;
  /** Samples per epoch. */
  readonly count: number;
}

// Batches of a data set in a seeded order, prepared ahead while the consumer awaits the GPU.

import { ShapeError } from '../kernels/errors.ts';
import { type Batch, batchOf, checkDataset, type Dataset } from './dataset.ts';
import { Random } from './random.ts';

export interface DataLoaderOptions {
  /** Images per batch. */
  batchSize: number;
  /** A new order in every epoch (default false: the data set's order). */
  shuffle?: boolean;
  /** Of the shuffling, default 0. */
  seed?: number;
  /** Leave out the last batch when it is smaller than the others (default false). */
  dropLast?: boolean;
  /** How many batches are prepared ahead, default 2; 0 prepares each when it is asked for. */
  prefetch?: number;
  /** Use only the first `limit` images of the data set, or all when it has fewer. */
  limit?: number;
}

/** A batch that knows its place: a run that stops after it resumes with `startBatch = index + 1`. */
export interface LoadedBatch extends Batch {
  readonly epoch: number;
  /** Number of the batch within its epoch. */
  readonly index: number;
}

/**
 * Iterates over a data set once per `for await`, as PyTorch's DataLoader (https://pytorch.org/docs/stable/data.html).
 * The order of an epoch follows from `seed` and `epoch` alone, not from what ran before. Reaching the end moves
 * `epoch` on by one; leaving the loop early does not.
 *
 * To resume in the middle: `loader.epoch = epoch; loader.startBatch = batchesDone;`
 * @throws ShapeError for options that do not fit, naming the option.
 */
export class DataLoader implements AsyncIterable<LoadedBatch> {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly prefetch: number;
  /** Images in use: the data set's count, or `limit`. */
  readonly count: number;
  /** Batches per epoch. */
  readonly length: number;
  /** The epoch that the next iteration runs through. */
  epoch = 0;
  /** The batch at which the next iteration begins; back at 0 once an epoch has ended. */
  startBatch = 0;

  constructor(
    dataset: Dataset,
    { batchSize, shuffle = false, seed = 0, dropLast = false, prefetch = 2, limit = dataset.count }: DataLoaderOptions,
  ) {
    checkDataset(dataset);
    checkInteger('batchSize', batchSize, 1);
    checkInteger('seed', seed, 0);
    checkInteger('prefetch', prefetch, 0);
    checkInteger('limit', limit, 1);
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.prefetch = prefetch;
    this.count = Math.min(limit, dataset.count);
    this.length = dropLast ? Math.floor(this.count / batchSize) : Math.ceil(this.count / batchSize);
    if (this.length === 0) {
      throw new ShapeError(
        `DataLoader: dropLast leaves no batch: batchSize is ${batchSize} but there are ${this.count} images`,
      );
    }
  }

  /** @throws ShapeError when `epoch` or `startBatch` was set to what this loader does not have. */
  [Symbol.asyncIterator](): AsyncIterator<LoadedBatch, undefined> {
    const { epoch, startBatch } = this;
    checkInteger('epoch', epoch, 0);
    checkInteger('startBatch', startBatch, 0, this.length);
    const order = this.#order(epoch);
    return prepareAhead({
      start: startBatch,
      end: this.length,
      prefetch: this.prefetch,
      prepare: (index) => {
        const indices = order.subarray(index * this.batchSize, (index + 1) * this.batchSize);
        return { ...batchOf(this.dataset, indices), epoch, index };
      },
      onEnd: () => {
        this.epoch = epoch + 1;
        this.startBatch = 0;
      },
    });
  }

  #order(epoch: number): Uint32Array {
    const order = Uint32Array.from({ length: this.count }, (_, i) => i);
    return this.shuffle ? new Random(this.seed, epoch).shuffle(order) : order;
  }
}

interface PrepareAheadOptions<T> {
  start: number;
  end: number;
  prefetch: number;
  prepare: (index: number) => T;
  onEnd: () => void;
}

/**
 * Items start..end-1, in order. After each one handed out, up to `prefetch` more are prepared, one per turn of the
 * event loop, so that the work falls into the consumer's awaits and never delays what it waits for by more than one.
 */
function prepareAhead<T>({
  start,
  end,
  prefetch,
  prepare,
  onEnd,
}: PrepareAheadOptions<T>): AsyncIterator<T, undefined> {
  const ready: T[] = [];
  let next = start;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDone = false;

  const fill = (): void => {
    timer = undefined;
    if (next >= end || ready.length >= prefetch) return;
    ready.push(prepare(next++));
    timer = setTimeout(fill);
  };
  const stop = (): void => {
    clearTimeout(timer);
    ready.length = 0;
    isDone = true;
  };

  return {
    async next() {
      if (isDone) return { done: true, value: undefined };
      if (ready.length === 0 && next >= end) {
        stop();
        onEnd();
        return { done: true, value: undefined };
      }
      const value = ready.shift() ?? prepare(next++);
      timer ??= setTimeout(fill);
      return { done: false, value };
    },
    async return() {
      stop();
      return { done: true, value: undefined };
    },
  };
}

function checkInteger(name: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `in ${low}..${high}`;
  throw new ShapeError(`DataLoader: ${name} must be an integer ${range}, not ${value}`);
}

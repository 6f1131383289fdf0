// Batches of a data set in a seeded order, prepared ahead while the consumer awaits the GPU.
// So that an application need not name this in its own `lib`:
/// <reference lib="esnext.disposable" preserve="true" />

import { ShapeError } from '../kernels/errors.ts';
import { checkDataset, type Dataset } from './dataset.ts';
import type { ImageDataset } from './imageDataset.ts';
import { checkInteger } from './loader/checkInteger.ts';
import { stack, unpack } from './loader/collate.ts';
import type { DataLoaderOptions, DataLoaderState } from './loader/dataLoaderOptions.ts';
import type { BadSample, LoadedBatch, StackedBatch, TensorSample } from './loader/loadedBatch.ts';
import { type BatchJob, makeBatch, type PackedBatch, type Recipe, recipeOf } from './loader/makeBatch.ts';
import { prepareAhead } from './loader/prepareAhead.ts';
import type { WorkerSetup } from './loader/protocol.ts';
import { webWorker } from './loader/webWorker.ts';
import { WorkerPool } from './loader/workerPool.ts';
import { checkSource, MAX_WORKERS, workerSetup } from './loader/workerSetup.ts';
import { countRepeats, epochOrder } from './samplers/epochOrder.ts';
import { RandomSampler } from './samplers/randomSampler.ts';
import type { Sampler } from './samplers/sampler.ts';
import { SequentialSampler } from './samplers/sequentialSampler.ts';

export type { BadSample, DataLoaderOptions, DataLoaderState, LoadedBatch, StackedBatch, TensorSample };

/** Samples listed in `bad`; `badCount` goes on. */
const MAX_BAD = 1000;

/**
 * Iterates over a data set once per `for await`, as PyTorch's DataLoader (https://pytorch.org/docs/stable/data.html).
 * The order of an epoch follows from `seed` and `epoch` alone, not from what ran before. Reaching the end moves
 * `epoch` on by one; leaving the loop early does not.
 *
 * To resume in the middle: `loader.epoch = epoch; loader.startBatch = batchesDone;` or `loader.loadState(state)`.
 *
 * An error in a data set, a transform or a worker surfaces in place of its batch and ends the iteration.
 * @throws ShapeError for options that do not fit, naming the option.
 */
export class DataLoader<Target = number, Content extends object = StackedBatch<Target>>
  implements AsyncIterable<LoadedBatch<Target, Content>>, AsyncDisposable
{
  readonly dataset: Dataset | ImageDataset<Target>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly prefetch: number;
  readonly workers: number;
  /** Samples per epoch: the data set's count, `limit`, or the sampler's count. */
  readonly count: number;
  /** Batches per epoch. */
  readonly length: number;
  /** Seconds that the consumer has awaited batches, over all epochs. */
  waitSeconds = 0;
  /** How often a sample was left out by `skipBad`, over all epochs. */
  badCount = 0;
  readonly #options: DataLoaderOptions<Target, Content>;
  readonly #sampler: Sampler;
  readonly #recipe: Recipe<Target>;
  readonly #bad = new Map<number, BadSample>();
  #epoch = 0;
  #startBatch = 0;
  /** The place after the batch handed out last, until another iteration begins. */
  #reached: { epoch: number; startBatch: number } | undefined;
  #setup: WorkerSetup | undefined;
  /** The persistent one. */
  #pool: WorkerPool | undefined;
  readonly #openPools = new Set<WorkerPool>();

  constructor(dataset: Dataset | ImageDataset<Target>, options: DataLoaderOptions<Target, Content>) {
    const { batchSize, shuffle = false, seed = 0, dropLast = false, prefetch = 2, workers = 0 } = options;
    if (!('get' in dataset)) checkDataset(dataset);
    checkInteger(`DataLoader: the count of ${dataset.name}`, dataset.count, { low: 1, high: 0xffffffff });
    const { sampler, limit = dataset.count, transform = null, skipBad = false } = options;
    checkInteger('DataLoader: batchSize', batchSize, { low: 1 });
    checkInteger('DataLoader: seed', seed);
    checkInteger('DataLoader: prefetch', prefetch);
    checkInteger('DataLoader: limit', limit, { low: 1 });
    checkInteger('DataLoader: workers', workers, { high: MAX_WORKERS });
    if (sampler && (shuffle || options.limit !== undefined)) {
      throw new ShapeError('DataLoader: a sampler decides what is visited: leave shuffle and limit out');
    }
    const used = Math.min(limit, dataset.count);
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.prefetch = prefetch;
    this.workers = workers;
    this.#options = options;
    this.#sampler = sampler ?? (shuffle ? new RandomSampler(used) : new SequentialSampler(used));
    this.count = this.#sampler.count;
    this.length = dropLast ? Math.floor(this.count / batchSize) : Math.ceil(this.count / batchSize);
    if (this.length === 0) {
      throw new ShapeError(
        `DataLoader: dropLast leaves no batch: batchSize is ${batchSize} but there are ${this.count} images`,
      );
    }
    this.#recipe = recipeOf(dataset, { transform, seed, skipBad });
    if (workers > 0) checkSource(dataset);
  }

  /** The epoch that the next iteration runs through. */
  get epoch(): number {
    return this.#epoch;
  }

  set epoch(epoch: number) {
    this.#epoch = epoch;
    this.#reached = undefined;
  }

  /** The batch at which the next iteration begins; back at 0 once an epoch has ended. */
  get startBatch(): number {
    return this.#startBatch;
  }

  set startBatch(startBatch: number) {
    this.#startBatch = startBatch;
    this.#reached = undefined;
  }

  /** The samples that `skipBad` left out, each once, the first thousand. */
  get bad(): readonly BadSample[] {
    return [...this.#bad.values()];
  }

  /**
   * The place after the batch that was handed out last, also in the middle of a loop and after leaving it early.
   * What was prepared ahead does not count.
   */
  state(): DataLoaderState {
    const { epoch, startBatch, seed, batchSize, count } = this;
    return { epoch, startBatch, ...this.#reached, seed, batchSize, count };
  }

  /** The next iteration begins where `state()` was taken. @throws ShapeError where it belongs to another order of batches */
  loadState(state: DataLoaderState): void {
    for (const name of ['seed', 'batchSize', 'count'] as const) {
      if (state?.[name] === this[name]) continue;
      throw new ShapeError(`DataLoader: the state has the ${name} ${state?.[name]}, this loader ${this[name]}`);
    }
    const { epoch, startBatch } = state;
    checkInteger("DataLoader: the state's epoch", epoch);
    checkInteger("DataLoader: the state's startBatch", startBatch, { high: this.length });
    this.epoch = epoch;
    this.startBatch = startBatch;
  }

  /**
   * @throws ShapeError when `epoch` or `startBatch` was set to what this loader does not have, or the sampler gave an
   *   index that the data set does not have
   */
  [Symbol.asyncIterator](): AsyncIterator<LoadedBatch<Target, Content>, undefined> {
    const { epoch, startBatch, length, batchSize } = this;
    checkInteger('DataLoader: epoch', epoch);
    checkInteger('DataLoader: startBatch', startBatch, { high: length });
    const order = epochOrder(this.#sampler, { seed: this.seed, epoch, dataset: this.dataset });
    const repeats = this.#options.sampler ? countRepeats(order, this.dataset.count) : null;
    const jobOf = (index: number): BatchJob => {
      const [from, to] = [index * batchSize, (index + 1) * batchSize];
      return { epoch, indices: order.slice(from, to), repeats: repeats?.slice(from, to) ?? null };
    };
    const run = {};
    const pool = this.#openPool();
    this.#reached = undefined;
    const batches = prepareAhead({
      start: startBatch,
      end: length,
      ahead: this.prefetch * Math.max(1, this.workers),
      isElsewhere: pool !== undefined,
      prepare: async (index) => {
        const job = jobOf(index);
        const packed = pool ? await pool.make(job, { run, batch: index }) : await makeBatch(this.#recipe, job);
        return { packed: packed as PackedBatch<Target>, epoch, index };
      },
      onEnd: () => {
        this.epoch = epoch + 1;
        this.startBatch = 0;
      },
      release: async () => {
        pool?.forget(run);
        if (pool && (pool !== this.#pool || !pool.isOpen || this.#options.signal?.aborted)) await this.#closePool(pool);
      },
      signal: this.#options.signal,
    });
    return this.#handOut(batches);
  }

  /** Ends the workers that `persistentWorkers` kept, and those of loops under way. The loader can be used again. */
  async close(): Promise<void> {
    await Promise.all([...this.#openPools].map((pool) => this.#closePool(pool)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #handOut(
    batches: AsyncIterator<{ packed: PackedBatch<Target>; epoch: number; index: number }, undefined>,
  ): AsyncIterator<LoadedBatch<Target, Content>, undefined> {
    const next = async (): Promise<IteratorResult<LoadedBatch<Target, Content>, undefined>> => {
      for (;;) {
        const { done, value } = await batches.next();
        if (done) return { done, value: undefined };
        const { packed, epoch, index } = value;
        this.#note(packed.bad);
        const isEmpty = packed.shapes.length === 0; // all of it was bad
        const content = isEmpty ? undefined : this.#collate(packed);
        this.#reached = { epoch, startBatch: index + 1 };
        if (!content) continue;
        return { done: false, value: { ...content, epoch, index, indices: packed.indices } };
      }
    };
    return {
      next: async () => {
        const started = performance.now();
        try {
          return await next();
        } catch (error) {
          await batches.return?.();
          throw error;
        } finally {
          this.waitSeconds += (performance.now() - started) / 1000;
        }
      },
      return: async () => {
        await batches.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  #collate(packed: PackedBatch<Target>): Content {
    return this.#options.collate?.(unpack(packed)) ?? (stack(packed) as Content);
  }

  #note(bad: readonly BadSample[]): void {
    this.badCount += bad.length;
    for (const sample of bad) if (this.#bad.size < MAX_BAD) this.#bad.set(sample.index, sample);
  }

  #openPool(): WorkerPool | undefined {
    const { workers, length } = this;
    const { createWorker = webWorker, persistentWorkers = false, transform = null, skipBad = false } = this.#options;
    if (workers === 0) return undefined;
    if (this.#pool?.isOpen) return this.#pool;
    this.#setup ??= workerSetup(this.dataset, { transform, seed: this.seed, skipBad });
    const pool = new WorkerPool(Math.min(workers, length), { create: createWorker, setup: this.#setup });
    this.#openPools.add(pool);
    if (persistentWorkers) this.#pool = pool;
    return pool;
  }

  async #closePool(pool: WorkerPool): Promise<void> {
    this.#openPools.delete(pool);
    if (this.#pool === pool) this.#pool = undefined;
    await pool.close();
  }
}

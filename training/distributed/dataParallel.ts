// Data-parallel training: every rank has the model whole and its share of each batch; gradients are averaged over all
// samples between the backward pass and the update, so that all ranks take the same step.

import type { Dataset } from '../../datasets/dataset.ts';
import { DistributedSampler } from '../../datasets/samplers/distributedSampler.ts';
import { apply } from '../../engine/apply.ts';
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { affine } from '../../kernels/affine/affine.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from '../evaluate.ts';
import type { StepPrecision } from '../stepPrecision.ts';
import type { StepTensors } from '../stepRunner.ts';
import type { Communicator } from './communicator.ts';
import { type ExchangeTimes, GradientExchange } from './gradientExchange.ts';
import { checkSame, type Facts, factsOf, sha256 } from './identity.ts';
import { datasetPart, type ImageBatch, partOf, type Sharding, type Share, shareOf, withoutRepeats } from './shard.ts';
import { type ReadNow, SyncBatchNorm } from './syncBatchNorm.ts';

export interface DataParallelOptions {
  /** Gradients are exchanged in parts of this size. Default 4 MiB. */
  bucketBytes?: number | undefined;
  /**
   * Batch norm in training looks at the samples of all ranks; how to read its sums at once, see `SyncBatchNorm`. Default:
   * each rank at its own.
   */
  syncBatchNorm?: ReadNow | undefined;
  /** What else all ranks must agree on, by name: a version, a configuration. */
  facts?: Facts;
}

/** What one step came to, over the samples of all ranks. */
export interface StepTotals {
  /** Mean. */
  loss: number;
  /** Samples classified right. */
  right: number;
  /** Samples. */
  images: number;
}

/** Hand it to `train` as `distributed`; one for each run. */
export class DataParallel {
  readonly communicator: Communicator;
  /** Fires in the same step in every rank, once one of them was asked to stop. */
  readonly signal: AbortSignal;
  /** Of all exchanges so far. */
  readonly times: ExchangeTimes = { steps: 0, bytes: 0, seconds: 0, exposedSeconds: 0, copySeconds: 0 };
  /** @internal */
  readonly options: DataParallelOptions;
  readonly #stop = new AbortController();
  #asked: AbortSignal | undefined;

  constructor(communicator: Communicator, options: DataParallelOptions = {}) {
    this.communicator = communicator;
    this.signal = this.#stop.signal;
    this.options = options;
  }

  get rank(): number {
    return this.communicator.rank;
  }

  /** Ranks. */
  get size(): number {
    return this.communicator.size;
  }

  /** Whether this rank logs and writes files for all. */
  get isMain(): boolean {
    return this.communicator.isMain;
  }

  /**
   * Before the first step: checks that all ranks are about to do the same.
   * @param run.facts what decides the run, by name
   * @throws RankError in every rank, naming those that differ
   */
  async begin({ model, device, trainSet, testSet, signal, facts }: BeginOptions): Promise<void> {
    this.#asked = signal;
    this.communicator.isAt('start');
    await checkSame(
      this.communicator,
      {
        ...this.options.facts,
        'batch norm': this.options.syncBatchNorm ? 'synchronised' : 'local',
        ...facts,
        'data set': `${await datasetFacts(trainSet)}, tested on ${await datasetFacts(testSet)}`,
        ...(await factsOf(await model.stateDict())),
      },
      'before the first step',
    );
    // dropout and the like draw other numbers in every rank; rank 0 those of a run alone
    device.random.seed = (device.random.seed + this.rank * 0x9e3779b9) >>> 0;
  }

  /** How an epoch over `count` samples is shared out. */
  sampler(count: number): DistributedSampler {
    return new DistributedSampler(count, { numReplicas: this.size, rank: this.rank });
  }

  /** What the steps of an epoch need. */
  openEpoch(options: EpochOptions): DataParallelEpoch {
    return new DataParallelEpoch(this, options);
  }

  /** @internal Whether this rank was asked to stop. */
  get isAsked(): boolean {
    return this.#asked?.aborted ?? false;
  }

  /** @internal */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * `evaluate`, each rank its part of the data set. Statistics of batch norm are those of rank 0 from then on, as in
   * PyTorch's DistributedDataParallel.
   * @throws RankError also where the parameters of the ranks have come apart
   */
  async evaluate(
    model: AnyModule,
    device: Device,
    dataset: Dataset,
    { limit = dataset.count, onBatch: _, ...options }: EvaluateOptions = {},
  ): Promise<Evaluation> {
    const { communicator } = this;
    communicator.isAt('evaluation');
    await this.#shareBuffers(model);
    const parameters = [...(await model.stateDict())].filter(([name]) => !name.endsWith('num_batches_tracked'));
    await checkSame(communicator, await factsOf(new Map(parameters)), 'before the evaluation');
    const total = Math.min(limit, dataset.count);
    const [start, end] = partOf(total, this);
    const own =
      end > start
        ? await evaluate(model, device, datasetPart(dataset, start, end), {
            ...options,
            preprocessing: options.preprocessing ?? dataset,
          })
        : undefined;
    return wholeEvaluation(communicator, own, { start, total, topCount: Math.min(5, dataset.classes.length) });
  }

  /** Running statistics of rank 0 to all. */
  async #shareBuffers(model: AnyModule): Promise<void> {
    const buffers = model.namedBuffers();
    if (buffers.length === 0) return;
    const values = this.communicator.floats(buffers.reduce((sum, [, { size }]) => sum + size, 0));
    const places: Float32Array[] = [];
    let at = 0;
    for (const [, buffer] of buffers) {
      const place = values.subarray(at, at + buffer.size);
      if (this.isMain) place.set(await buffer.data());
      places.push(place);
      at += buffer.size;
    }
    await this.communicator.sum(values, 'running statistics');
    for (const [i, [, buffer]] of buffers.entries()) buffer.write(places[i]!);
    this.communicator.release(values);
  }
}

export interface BeginOptions {
  model: AnyModule;
  device: Device;
  trainSet: Dataset;
  testSet: Dataset;
  /** Asks this rank to stop; see `DataParallel.signal`. */
  signal?: AbortSignal | undefined;
  facts: Facts;
}

export interface EpochOptions {
  model: AnyModule;
  device: Device;
  optimizer: { readonly paramGroups: readonly { readonly params: readonly Tensor[] }[] };
  /** Of a rank alone. */
  precision: StepPrecision;
  /** Samples of an epoch, of all ranks together. */
  count: number;
  /** Samples of one rank in a step, at most. */
  batchSize: number;
  /** Whether a step has one backward pass, which the exchange can overlap. */
  isWhole: boolean;
}

/** One epoch of one rank: its precision, its batches, and what the steps came to in all. */
export class DataParallelEpoch implements Disposable {
  /** Exchanges gradients between the backward pass and the update, which is never captured. */
  readonly precision: StepPrecision;
  readonly #parallel: DataParallel;
  readonly #exchange: GradientExchange;
  readonly #sharding: Sharding;
  readonly #isWhole: boolean;
  readonly #norms: SyncBatchNorm | undefined;
  #share: Share = { own: 1, all: 1 };
  #step = 0;
  /** What the step under way gave on this rank. */
  #measured: Promise<number[]> | undefined;
  readonly #totals: StepTotals[] = [];

  constructor(
    parallel: DataParallel,
    { model, device, optimizer, precision, count, batchSize, isWhole }: EpochOptions,
  ) {
    this.#isWhole = isWhole;
    const { rank, size, communicator } = parallel;
    this.#parallel = parallel;
    this.#sharding = { count, batchSize, rank, size };
    this.#exchange = new GradientExchange(communicator, {
      device,
      parameters: optimizer.paramGroups.flatMap(({ params }) => params),
      bucketBytes: parallel.options.bucketBytes,
    });
    const { syncBatchNorm: readNow } = parallel.options;
    const counts = () => this.#share.own > 0;
    this.#norms = readNow && new SyncBatchNorm(model, communicator, { readNow, counts });
    this.precision = this.#around(precision);
  }

  /** Batches of a loader whose sampler is the run's, without samples that are repeated to fill the last one. */
  batches<B extends ImageBatch>(loader: AsyncIterable<B>): AsyncIterable<B> {
    return withoutRepeats(loader, this.#sharding);
  }

  /** Before a step is enqueued. @param index of the batch in its epoch */
  begin(index: number): void {
    this.#share = shareOf(index, this.#sharding);
  }

  /** After its forward and backward passes were enqueued. @param tensors hold until `precision.finish` was called */
  measures({ loss, predictions }: StepTensors, labels: Uint32Array): void {
    const { own } = this.#share;
    const reading = own === 0 ? undefined : Promise.all([loss.data(), predictions.data()]);
    this.#measured = (async () => {
      const [losses, classes] = (await reading) ?? [];
      if (!losses || !classes) return [0, 0, 0];
      const right = labels.reduce((count, label, i) => count + Number(classes[i] === label), 0);
      return [losses[0]! * own, right, own];
    })();
    this.#measured.catch(() => {}); // surfaces where it is awaited
  }

  /** What the next step came to that was not asked for yet. */
  outcome(): StepTotals {
    return this.#totals.shift()!;
  }

  [Symbol.dispose](): void {
    const { times } = this.#parallel;
    for (const name of Object.keys(times) as (keyof ExchangeTimes)[]) times[name] += this.#exchange.times[name];
    this.#exchange[Symbol.dispose]();
    this.#norms?.[Symbol.dispose]();
  }

  #around(own: StepPrecision): StepPrecision {
    // the gradient of the mean over all samples: each rank's mean counts by its samples
    const weight = () => ({ scale: this.#share.own / this.#share.all });
    return {
      forward: (fn) => own.forward(fn),
      backward: (loss) => {
        const weighted = apply(affine, { x: loss }, weight(), { live: weight }).y;
        if (this.#isWhole) this.#exchange.watch(() => own.backward(weighted));
        else own.backward(weighted);
      },
      update: () => {}, // waits for the others
      finish: async (after) => {
        await this.#sum();
        own.update();
        return (await own.finish(after)) ?? true;
      },
      [Symbol.dispose]() {},
    };
  }

  async #sum(): Promise<void> {
    const { communicator, isAsked } = this.#parallel;
    const what = `step ${++this.#step} of this part of the epoch`;
    communicator.isAt(what);
    const gradients = this.#exchange.sum(`the gradients of ${what}`);
    gradients.catch(() => {});
    const measured = await this.#measured!;
    await gradients;
    const [loss, right, images, asked] = await communicator.total(
      [...measured, Number(isAsked)],
      `the loss of ${what}`,
    );
    this.#totals.push({ loss: loss! / images!, right: right!, images: images! });
    if (asked! > 0) this.#parallel.stop();
  }
}

async function datasetFacts({ name, count, shape, labels }: Dataset): Promise<string> {
  return `${count} of ${name} [${shape}], labels ${await sha256(Uint8Array.from(labels))}`;
}

/** The answers of all ranks side by side: each adds its own to zeros. */
async function wholeEvaluation(
  communicator: Communicator,
  own: Evaluation | undefined,
  { start, total, topCount }: { start: number; total: number; topCount: number },
): Promise<Evaluation> {
  const values = new Float64Array(3 + total * (2 + 2 * topCount));
  const [predictionsAt, probabilitiesAt] = [3, 3 + total];
  const [classesAt, topAt] = [3 + 2 * total, 3 + (2 + topCount) * total];
  if (own) {
    values.set([own.loss * own.total, own.top1, own.top5]);
    values.set(own.predictions, predictionsAt + start);
    values.set(own.probabilities, probabilitiesAt + start);
    values.set(own.topClasses, classesAt + start * topCount);
    values.set(own.topProbabilities, topAt + start * topCount);
  }
  const sums = await communicator.total(values, 'the evaluation');
  const [loss, top1, top5] = sums as unknown as [number, number, number];
  return {
    ...{ loss: loss / total, accuracy: top1 / total, total, top1, top5, topCount },
    predictions: Uint32Array.from(sums.subarray(predictionsAt, probabilitiesAt)),
    probabilities: Float32Array.from(sums.subarray(probabilitiesAt, classesAt)),
    topClasses: Uint32Array.from(sums.subarray(classesAt, topAt)),
    topProbabilities: Float32Array.from(sums.subarray(topAt)),
  };
}

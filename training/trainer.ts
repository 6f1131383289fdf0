// The training loop: epochs, each followed by a test; a lost device is replaced, and the run goes on where its last
// snapshot was taken.
import { DataLoader } from '../datasets/dataLoader.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Device } from '../engine/device.ts';
import { argmax } from '../engine/functional/reduction.ts';
import { cat } from '../engine/functional/shape.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import type { GradScaler } from '../engine/optim/gradScaler.ts';
import { ReduceLROnPlateau, type Scheduler } from '../engine/optim/schedulers/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { DeviceLostError, ShapeError } from '../kernels/errors.ts';
import { classifierLoss } from './classifierLoss.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { microBatchOf } from './microBatch.ts';
import { type Progress, startOfEpoch, startOfRun } from './progress.ts';
import { runEpoch } from './runEpoch.ts';
import { type MovableOptimizer, restoreSnapshot, type SnapshotParts } from './snapshot.ts';
import { SnapshotKeeper } from './snapshotKeeper.ts';
import { type StepPrecision, stepPrecision } from './stepPrecision.ts';
import { StepRunner, type StepTensors } from './stepRunner.ts';

/** What the loop needs of an optimizer; with `reopen` also what `MovableOptimizer` has, as all of ours do. */
export interface StepOptimizer extends Partial<MovableOptimizer> {
  readonly paramGroups: readonly { lr: number; readonly params: readonly Tensor[] }[];
  zeroGrad(): void;
  step(): void;
}

export interface TrainOptions {
  /** On the device already, its parameters in the optimizer. */
  model: AnyModule;
  device: Device;
  trainSet: Dataset;
  testSet: Dataset;
  optimizer: StepOptimizer;
  /** Stepped after every batch; ReduceLROnPlateau after every epoch, with the test loss. Default: a constant rate. */
  scheduler?: Scheduler | undefined;
  epochs: number;
  /** Images whose loss and gradients are computed at once. Default 64. */
  batchSize?: number;
  /**
   * Batches whose mean gradient makes one update: the same as a batch so many times as large in the memory of one, but
   * for batch norm, whose statistics are those of each part. Default 1.
   */
  accumulate?: number | undefined;
  /** Of the order of images and of the device's random state. Default 0. */
  seed?: number;
  /** Trains on the first `limit` images only. Default: all. */
  limit?: number | undefined;
  /** Where to continue; model, optimizer, scheduler and random state must have been restored. Default: the start. */
  from?: Progress | undefined;
  /**
   * Whether steps of full batches are captured (`device.capture`), which spares host time and memory; results are the same
   * bytes. Steps that cannot be (a hook is registered, a profiler is attached) run as they are. Default true.
   */
  capture?: boolean | undefined;
  /**
   * Trains and tests in float16 (`device.autocast`) with this loss scaling; a step whose gradients overflow changes
   * nothing but the scale. Default: float32.
   */
  scaler?: GradScaler | undefined;
  /** Stops after the step under way; `save` is called once more. */
  signal?: AbortSignal | undefined;
  /** Called after each step. */
  onStep?: (step: StepReport) => void;
  /** Called after each epoch and its test. */
  onEpoch?: (epoch: EpochReport) => void;
  /** Awaited at the end of each epoch and when stopped: the moments from which a run can continue. */
  save?: (progress: Progress) => Promise<void>;
  /** Calls `save` also after every so many steps. Default: never. */
  saveEvery?: number | undefined;
  /**
   * Opens another device when this one was lost (driver reset, `destroy()`). Parameters, optimizer, scheduler, scaler and
   * random state go back to the last snapshot on the host, and the run goes on there, to the same bytes as if it had
   * not been interrupted; steps behind the snapshot are reported once more. Default: the DeviceLostError is thrown.
   */
  reopen?: ((lost: DeviceLostError) => Promise<Device>) | undefined;
  /** Steps between two snapshots. Default `auto`: as often as takes less than 1 % of the time. */
  snapshotEvery?: number | 'auto' | undefined;
  /** Called when the run goes on after a loss. */
  onRecover?: ((recovery: Recovery) => void) | undefined;
}

export interface Recovery {
  lost: DeviceLostError;
  /** The one to go on with: what else lives on the device has to be made again there. */
  device: Device;
  /** Of the snapshot: where the run goes on. */
  progress: Progress;
}

export interface StepReport {
  /** After this step. */
  progress: Progress;
  stepsPerEpoch: number;
  /** Mean over the batch. */
  loss: number;
  lr: number;
}

export interface EpochReport {
  /** After this epoch; `progress.epoch` is its number, counted from 1. */
  progress: Progress;
  trainLoss: number;
  /** While training: of each batch before its update. */
  trainAccuracy: number;
  imagesPerSecond: number;
  test: Evaluation;
}

export interface TrainResult {
  progress: Progress;
  /** Whether `signal` ended it early. */
  isStopped: boolean;
  /** After the last epoch; absent when none was finished. */
  test?: Evaluation;
  /** Where the model lives now. */
  device: Device;
}

/** Losses without a snapshot between them, after which it gives up. */
const MAX_LOSSES = 3;

/**
 * Trains a classifier with cross entropy (that of auxiliary heads weighted, see `classifierLoss`). The same seed gives the
 * same bytes on the same adapter, also in several parts. Memory stays flat: what a step makes is freed with its scope.
 * @throws ShapeError for options that do not fit
 * @throws DeviceLostError when the device was lost and there is no `reopen`, or it was lost again and again
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { device, seed = 0, from, reopen, snapshotEvery = 'auto' } = options;
  checkOptions(options);
  const progress = structuredClone(from ?? startOfRun());
  if (!from) device.manualSeed(seed);
  const parts = partsOf(options, device);
  const keeper = reopen && (await SnapshotKeeper.open(parts, progress, snapshotEvery));
  let lost: DeviceLostError | undefined;
  let losses = 0;
  for (;;) {
    try {
      if (lost && keeper) {
        parts.device = await reopen!(lost);
        restoreSnapshot(keeper.snapshot, parts);
        Object.assign(progress, structuredClone(keeper.snapshot.progress));
        options.onRecover?.({ lost, device: parts.device, progress: structuredClone(progress) });
      }
      return await trainEpochs(options, { parts, progress, keeper });
    } catch (error) {
      if (!(error instanceof DeviceLostError) || !keeper) throw error;
      lost = error;
      losses = keeper.isNew ? 1 : losses + 1;
      keeper.isNew = false;
      if (losses > MAX_LOSSES) throw givenUp(error, losses, keeper.snapshot.progress.step);
    }
  }
}

/** A run on one device. */
interface Run {
  readonly parts: SnapshotParts;
  readonly progress: Progress;
  readonly keeper: SnapshotKeeper | undefined;
}

async function trainEpochs(options: TrainOptions, run: Run): Promise<TrainResult> {
  const { model, trainSet, testSet, scheduler, epochs, seed = 0, signal, onEpoch, save, limit } = options;
  const { batchSize = 64, accumulate = 1 } = options;
  const { parts, progress, keeper } = run;
  const { device } = parts;
  const sampling = { batchSize: batchSize * accumulate, shuffle: true, seed, ...(limit ? { limit } : {}) };
  const loader = new DataLoader(trainSet, sampling);
  let test: Evaluation | undefined;
  while (progress.epoch < epochs) {
    await trainEpoch(options, run, loader);
    if (signal?.aborted && progress.batch < loader.length) {
      await save?.(progress);
      return { progress, isStopped: true, ...(test && { test }), device };
    }
    const started = performance.now();
    test = await evaluate(model, device, testSet, { precision: options.scaler ? 'float16' : 'float32' });
    progress.seconds += (performance.now() - started) / 1000;
    if (scheduler instanceof ReduceLROnPlateau) scheduler.step(test.loss);
    const { images, loss, right, seconds } = progress.current;
    Object.assign(progress, { epoch: progress.epoch + 1, batch: 0, current: startOfEpoch() });
    if (!progress.best || test.accuracy > progress.best.testAccuracy) {
      progress.best = { epoch: progress.epoch, testAccuracy: test.accuracy };
    }
    if (keeper?.isDue(progress.step)) await keeper.take(parts, progress);
    const means = { trainLoss: loss / images, trainAccuracy: right / images, imagesPerSecond: images / seconds };
    onEpoch?.({ progress: structuredClone(progress), ...means, test });
    await save?.(progress);
    if (signal?.aborted && progress.epoch < epochs) return { progress, isStopped: true, test, device };
  }
  return { progress, isStopped: false, ...(test && { test }), device };
}

/** Runs what is left of an epoch, or up to the step in which `signal` fires. */
async function trainEpoch(options: TrainOptions, run: Run, loader: DataLoader): Promise<void> {
  const { model, optimizer, scheduler, scaler, signal, onStep, capture, batchSize = 64, save, saveEvery } = options;
  const { parts, progress, keeper } = run;
  const { device } = parts;
  model.train();
  loader.epoch = progress.epoch;
  loader.startBatch = progress.batch;
  const precision = stepPrecision(device, optimizer, scaler);
  const step = (x: Tensor, labels: Tensor) => {
    optimizer.zeroGrad();
    const results = trainStep(model, precision, { x, labels, microBatch: batchSize });
    precision.update();
    return results;
  };
  using runner = new StepRunner({ device, capture, step });
  await runEpoch({
    ...{ device, progress, signal },
    batches: loader,
    batchSize: loader.batchSize,
    prepare: ({ x: values, shape, labels }) => runner.prepare({ x: { values, shape }, labels }),
    step: ({ x: values, shape, labels }) => {
      const { lr } = optimizer.paramGroups[0];
      const results = runner.run({ x: { values, shape }, labels });
      const finished = precision.finish(() => {
        if (!(scheduler instanceof ReduceLROnPlateau)) scheduler?.step();
      });
      return { ...results, labels, lr, finished };
    },
    onStep: (each) => onStep?.({ ...each, progress: structuredClone(progress), stepsPerEpoch: loader.length }),
    between: (taken, settle) => {
      const isSaved = saveEvery !== undefined && taken % saveEvery === 0;
      const isKept = keeper?.isDue(taken) ?? false;
      if (!isSaved && !isKept) return undefined;
      return keepAndSave(settle, isKept, isSaved);
    },
  });

  async function keepAndSave(settle: () => Promise<void>, isKept: boolean, isSaved: boolean): Promise<void> {
    if (isKept) await keeper!.take(parts, progress, settle);
    else await settle();
    if (isSaved) await save?.(progress);
  }
}

/** Loss and gradients of a batch, of its parts one after the other where it is larger than `microBatch`. */
function trainStep(
  model: AnyModule,
  precision: StepPrecision,
  { x, labels, microBatch }: { x: Tensor; labels: Tensor; microBatch: number },
): StepTensors {
  const { device } = x;
  const images = labels.size;
  const answer = (part: Tensor, classes: Tensor, share: number): StepTensors => {
    const { logits, loss } = precision.forward(() => classifierLoss(model.call(part), classes));
    const scaled = share === 1 ? loss : loss.mul(share);
    precision.backward(scaled);
    return { loss: scaled, predictions: argmax(logits, 1) };
  };
  if (images <= microBatch) return answer(x, labels, 1);
  const parts: StepTensors[] = [];
  for (let start = 0; start < images; start += microBatch) {
    parts.push(
      device.tidy(() => {
        const part = microBatchOf(x, labels, { start, size: microBatch });
        return answer(part.x, part.labels, part.share);
      }),
    );
  }
  return device.noGrad(() => ({
    loss: parts.map(({ loss }) => loss.detach()).reduce((sum, loss) => sum.add(loss)),
    predictions: cat(parts.map(({ predictions }) => predictions)),
  }));
}

function partsOf({ model, optimizer, scheduler, scaler }: TrainOptions, device: Device): SnapshotParts {
  return { model, device, optimizer: optimizer as MovableOptimizer, scheduler, scaler };
}

/** @throws ShapeError */
function checkOptions({ accumulate, saveEvery, snapshotEvery, reopen, optimizer }: TrainOptions): void {
  for (const [name, count] of Object.entries({ accumulate, saveEvery, snapshotEvery })) {
    if (count === undefined || count === 'auto' || (Number.isInteger(count) && Number(count) >= 1)) continue;
    throw new ShapeError(`train: ${name} must be a whole number from 1, given ${count}`);
  }
  const { stateDict, loadStateDict, rebuild } = optimizer;
  if (reopen && !(stateDict && loadStateDict && rebuild)) {
    throw new ShapeError(
      'train: reopen needs an optimizer with stateDict, loadStateDict and rebuild, as all of wgrad/optim',
    );
  }
}

function givenUp(error: DeviceLostError, losses: number, step: number): DeviceLostError {
  return new DeviceLostError(`the device was lost ${losses} times after step ${step}: ${error.message}`, {
    cause: error,
  });
}

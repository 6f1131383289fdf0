// The training loop: epochs, each followed by a test.
import { DataLoader } from '../datasets/dataLoader.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Device } from '../engine/device.ts';
import { argmax } from '../engine/functional/reduction.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import type { GradScaler } from '../engine/optim/gradScaler.ts';
import { ReduceLROnPlateau, type Scheduler } from '../engine/optim/schedulers/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { classifierLoss } from './classifierLoss.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { type Progress, startOfEpoch, startOfRun } from './progress.ts';
import { runEpoch } from './runEpoch.ts';
import { type StepPrecision, stepPrecision } from './stepPrecision.ts';
import { StepRunner, type StepTensors } from './stepRunner.ts';

/** What the loop needs of an optimizer. */
export interface StepOptimizer {
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
  /** Default 64. */
  batchSize?: number;
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
}

/**
 * Trains a classifier with cross entropy (that of auxiliary heads weighted, see `classifierLoss`). The same seed gives the same bytes on the same adapter, also in several
 * parts. Memory stays flat: what a step makes is freed with its scope.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { model, device, trainSet, testSet, scheduler, epochs, seed = 0, signal, onEpoch, save } = options;
  const { batchSize = 64, limit, from } = options;
  const progress = structuredClone(from ?? startOfRun());
  if (!from) device.manualSeed(seed);
  const loader = new DataLoader(trainSet, { batchSize, shuffle: true, seed, ...(limit ? { limit } : {}) });
  let test: Evaluation | undefined;
  while (progress.epoch < epochs) {
    await trainEpoch(options, loader, progress);
    if (signal?.aborted && progress.batch < loader.length) {
      await save?.(progress);
      return { progress, isStopped: true, ...(test && { test }) };
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
    const means = { trainLoss: loss / images, trainAccuracy: right / images, imagesPerSecond: images / seconds };
    onEpoch?.({ progress: structuredClone(progress), ...means, test });
    await save?.(progress);
    if (signal?.aborted && progress.epoch < epochs) return { progress, isStopped: true, test };
  }
  return { progress, isStopped: false, ...(test && { test }) };
}

/** Runs what is left of an epoch, or up to the step in which `signal` fires. */
async function trainEpoch(options: TrainOptions, loader: DataLoader, progress: Progress): Promise<void> {
  const { model, device, optimizer, scheduler, scaler, signal, onStep, capture } = options;
  model.train();
  loader.epoch = progress.epoch;
  loader.startBatch = progress.batch;
  const precision = stepPrecision(device, optimizer, scaler);
  using runner = new StepRunner({ device, capture, step: (x, labels) => trainStep(model, precision, { x, labels }) });
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
    onStep: (step) => onStep?.({ ...step, progress: structuredClone(progress), stepsPerEpoch: loader.length }),
  });
}

function trainStep(
  model: AnyModule,
  precision: StepPrecision,
  { x, labels }: { x: Tensor; labels: Tensor },
): StepTensors {
  const { logits, loss } = precision.forward(() => classifierLoss(model.call(x), labels));
  precision.backward(loss);
  return { loss, predictions: argmax(logits, 1) };
}

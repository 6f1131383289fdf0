// Looks for a batch size: the smallest that gives nearly all the speed there is, within the memory there is.
import { batchOf, type Dataset } from '../datasets/dataset.ts';
import type { Tensor } from '../engine/tensor.ts';
import { OutOfMemoryError, ShapeError } from '../kernels/errors.ts';
import { startOfRun } from './progress.ts';
import { type MovableOptimizer, restoreSnapshot, type SnapshotParts, takeSnapshot } from './snapshot.ts';
import { stepPrecision } from './stepPrecision.ts';
import { StepRunner } from './stepRunner.ts';
import type { StepOptimizer } from './trainOptions.ts';
import { trainStep } from './trainStep.ts';

export interface FindBatchSizeOptions extends SnapshotParts {
  optimizer: StepOptimizer & MovableOptimizer;
  /** Trial steps take its first images. */
  trainSet: Dataset;
  /** Default 1024, and never more than there are images. */
  largest?: number;
  /** Whether steps are captured, see `TrainOptions`. Default true. */
  capture?: boolean | undefined;
  /** Called after each trial. */
  onTrial?: ((trial: BatchSizeTrial) => void) | undefined;
}

export interface BatchSizeTrial {
  batchSize: number;
  /** Undefined where it did not fit into memory. */
  imagesPerSecond: number | undefined;
}

export interface FoundBatchSize {
  batchSize: number;
  /** In the order in which they were made. */
  trials: readonly BatchSizeTrial[];
  /** What ended the search: memory, a gain below 5 %, or `largest`. */
  limit: 'memory' | 'speed' | 'largest';
}

export const LARGEST_BATCH = 1024;
const FIRST = 8;
/** What twice the images at once must bring. */
const LEAST_GAIN = 1.05;
/** Timed steps, the fastest of which counts: at least so many, and for at least so long. */
const TIMED = { steps: 3, ms: 200 };

/**
 * Doubles the batch from 8 on as long as the images a second grow by 5 % and memory suffices; where 8 do not fit, it halves.
 * Trials are whole training steps. Afterwards everything is as before: parameters, buffers, optimizer, random state. The
 * learning rate is the caller's affair. What it finds depends on the machine and what else that does: write it down.
 * @throws OutOfMemoryError when not even one image fits
 */
export async function findBatchSize(options: FindBatchSizeOptions): Promise<FoundBatchSize> {
  const { trainSet, largest = LARGEST_BATCH, onTrial } = options;
  if (!Number.isInteger(largest) || largest < 1) {
    throw new ShapeError(`findBatchSize: largest must be a whole number from 1, given ${largest}`);
  }
  const most = Math.min(largest, trainSet.count);
  const snapshot = await takeSnapshot(options, startOfRun());
  const trials: BatchSizeTrial[] = [];
  const attempt = async (batchSize: number) => {
    let failure: OutOfMemoryError | undefined;
    const imagesPerSecond = await measured(options, batchSize).catch((error: unknown) => {
      if (!(error instanceof OutOfMemoryError)) throw error;
      failure = error;
      return undefined;
    });
    restoreSnapshot(snapshot, options);
    const trial = { batchSize, imagesPerSecond };
    trials.push(trial);
    onTrial?.(trial);
    return { ...trial, failure };
  };
  let best = await attempt(Math.min(FIRST, most));
  while (best.imagesPerSecond === undefined) {
    if (best.batchSize === 1) throw best.failure!;
    best = await attempt(Math.floor(best.batchSize / 2));
  }
  const ended = (limit: FoundBatchSize['limit']) => ({ batchSize: best.batchSize, trials, limit });
  if (trials.length > 1) return ended('memory');
  while (best.batchSize < most) {
    const next = await attempt(Math.min(2 * best.batchSize, most));
    if (next.imagesPerSecond === undefined) return ended('memory');
    if (next.imagesPerSecond < LEAST_GAIN * best.imagesPerSecond!) return ended('speed');
    best = next;
  }
  return ended('largest');
}

/** Images a second of whole steps, warmed up. @throws OutOfMemoryError */
async function measured(
  { model, device, optimizer, scaler, trainSet, capture }: FindBatchSizeOptions,
  batchSize: number,
): Promise<number> {
  model.train();
  using precision = stepPrecision(device, optimizer, { scaler });
  const step = (x: Tensor, labels: Tensor) => {
    optimizer.zeroGrad();
    const results = trainStep(model, precision, { x, labels, microBatch: batchSize });
    precision.update();
    return results;
  };
  using runner = new StepRunner({ device, capture, step });
  const {
    x: values,
    shape,
    labels,
  } = batchOf(
    trainSet,
    Array.from({ length: batchSize }, (_, i) => i),
  );
  const timeOfStep = async () => {
    using _ = device.scope();
    const started = performance.now();
    const { loss } = runner.run({ x: { values, shape }, labels });
    await precision.finish(() => {});
    await loss.item();
    return performance.now() - started;
  };
  await timeOfStep(); // compiles, and captures
  await timeOfStep();
  let fastest = Number.POSITIVE_INFINITY;
  const started = performance.now();
  for (let steps = 0; steps < TIMED.steps || performance.now() - started < TIMED.ms; steps++) {
    fastest = Math.min(fastest, await timeOfStep());
  }
  return (1000 * batchSize) / fastest;
}

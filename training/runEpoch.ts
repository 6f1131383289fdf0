// One epoch of training steps: results read in groups, at most a few steps ahead of the GPU.
import type { Device } from '../engine/device.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Progress } from './progress.ts';
import { type StepOutcome, StepReader } from './stepReader.ts';

export interface EpochOptions<Batch> {
  device: Device;
  /** What is left of the epoch. */
  batches: AsyncIterable<Batch>;
  /** Images in a batch, at most. */
  batchSize: number;
  /** Awaited before the first step; its time is not counted. */
  prepare?: ((batch: Batch) => Promise<void>) | undefined;
  /** Enqueues a step. It runs in a scope of its own, which frees what it makes and returns once that is copied. */
  step: (batch: Batch) => EnqueuedStep;
  /** Counts what was done. */
  progress: Progress;
  /** What the next step came to on all ranks, where this one is not alone. */
  reduced?: (() => Pick<StepOutcome, 'loss' | 'right' | 'images'>) | undefined;
  /** Ends the epoch after the step under way. */
  signal?: AbortSignal | undefined;
  /** @param step `isSkipped`: its update was left out */
  onStep?: ((step: { loss: number; lr: number; isSkipped: boolean }) => void) | undefined;
  /** Called after each step was enqueued, with the steps so far; what it returns is awaited before the next. */
  between?: ((step: number, settle: () => Promise<void>) => Promise<void> | undefined) | undefined;
}

export interface EnqueuedStep {
  /** A scalar. */
  loss: Tensor;
  /** uint32 [n]. */
  predictions: Tensor;
  /** [n]. */
  labels: Uint32Array;
  lr: number;
  /** What the step still waits for before the next may begin; whether it made its update. Default: nothing, true. */
  finished?: Promise<boolean> | undefined;
}

/** Steps that may wait in the GPU's queue. */
const MAX_IN_FLIGHT = 3;
/** Results are read after this many steps or milliseconds. */
const READ_STEPS = 16;
const READ_MS = 100;

/** Runs all batches, or up to the step in which `signal` fires; `progress` then counts all steps taken. */
export async function runEpoch<Batch>(options: EpochOptions<Batch>): Promise<void> {
  const { device, batches, batchSize, prepare, step, progress, reduced, signal, onStep, between } = options;
  using reader = new StepReader(device, { capacity: READ_STEPS, batchSize });
  const inFlight: Promise<unknown>[] = [];
  let clock = performance.now();
  let lastRead = clock;
  let reading = Promise.resolve();
  let isPrepared = prepare === undefined;
  let taken = progress.step;
  /** Of the steps that are not read yet. */
  const updates: boolean[] = [];

  /** Starts a read of the steps so far; it waits for the one before, so results arrive in order. */
  const read = () => {
    const [before, outcomes] = [reading, reader.read()];
    reading = before.then(async () => report(await outcomes));
    for (const promise of [outcomes, reading]) promise.catch(() => {}); // surfaces where it is awaited
    lastRead = performance.now();
    return before;
  };
  const report = (outcomes: Awaited<ReturnType<StepReader['read']>>) => {
    const seconds = (performance.now() - clock) / 1000 / outcomes.length;
    clock = performance.now();
    for (const outcome of outcomes) {
      const { loss, right, images, lr } = { ...outcome, ...reduced?.() };
      progress.seconds += seconds;
      progress.trainingSeconds += seconds;
      progress.current.seconds += seconds;
      progress.batch++;
      progress.step++;
      progress.images += images;
      const isSkipped = !updates.shift();
      if (!isSkipped || Number.isFinite(loss)) {
        progress.current.images += images;
        progress.current.loss += loss * images;
        progress.current.right += right;
      }
      onStep?.({ loss, lr, isSkipped });
    }
  };

  /** Waits for the steps so far, until `progress` counts them. */
  const settle = async () => {
    await read();
    await reading;
  };

  for await (const batch of batches) {
    if (!isPrepared) {
      isPrepared = true;
      await prepare?.(batch);
      lastRead = clock = performance.now();
    }
    updates.push((await enqueue(device, () => step(batch), reader)) ?? true);
    device.recorder.flush();
    const submitted = device.submitted();
    submitted.catch(() => {}); // surfaces where it is awaited
    inFlight.push(submitted);
    if (inFlight.length > MAX_IN_FLIGHT) await inFlight.shift();
    if (reader.count === reader.capacity || performance.now() - lastRead >= READ_MS) await read();
    await between?.(++taken, settle);
    if (signal?.aborted) break;
  }
  await settle();
}

/** What the step makes is freed with its scope. @returns `finished` */
function enqueue(device: Device, step: () => EnqueuedStep, reader: StepReader): Promise<boolean> | undefined {
  using _ = device.scope();
  const { loss, predictions, labels, lr, finished } = step();
  reader.add(loss, predictions, { labels, lr });
  return finished;
}

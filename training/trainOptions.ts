// What a training run is told, and what it tells.
import type { Dataset } from '../datasets/dataset.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import type { GradScaler } from '../engine/optim/gradScaler.ts';
import type { Scheduler } from '../engine/optim/schedulers/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type DeviceLostError, ShapeError } from '../kernels/errors.ts';
import type { DataParallel } from './distributed/dataParallel.ts';
import type { Evaluation } from './evaluate.ts';
import { NON_FINITE_POLICIES, type NonFinitePolicy } from './nonFinite.ts';
import type { Progress } from './progress.ts';
import type { MovableOptimizer } from './snapshot.ts';

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
  /**
   * What a NaN or an infinity ends. `stop`: the run, with a NonFiniteError, when a loss is none or values to be saved hold
   * one; where there are snapshots (`reopen` or `snapshotEvery`) the steps since the last one are repeated to name the
   * operation. `skip`: the step, when its gradients hold one; nothing but the schedule goes on, and each step waits for the
   * GPU. After 100 in a row the run stops. `ignore`: nothing. Default `stop`.
   */
  nonFinite?: NonFinitePolicy | undefined;
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
  /** Steps between two snapshots. Default `auto` with `reopen`, as often as takes less than 1 % of the time; else none. */
  snapshotEvery?: number | 'auto' | undefined;
  /** Called after each snapshot but the first, with what it took: the steps under way are waited for. */
  onSnapshot?: ((taken: { step: number; seconds: number }) => void) | undefined;
  /**
   * Trains together with other ranks, each on its share of every batch: `batchSize` is that of one rank. Steps, losses and
   * tests are those of all. A lost device ends the run, so `reopen` and `snapshotEvery` cannot be given. Default: alone.
   */
  distributed?: DataParallel | undefined;
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
  /** Whether its update was left out: its gradients were not finite, see `nonFinite` and `scaler`. */
  isSkipped: boolean;
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
  /** Steps whose update was left out. */
  skipped: number;
  /** Where the model lives now. */
  device: Device;
}

/** @throws ShapeError for options that do not fit */
export function checkTrainOptions({
  accumulate,
  saveEvery,
  snapshotEvery,
  reopen,
  optimizer,
  nonFinite,
  distributed,
}: TrainOptions): void {
  if (distributed && (reopen || snapshotEvery)) {
    throw new ShapeError(
      'train: one rank of several cannot go back to a snapshot by itself; leave reopen and snapshotEvery out, and resume all from a checkpoint',
    );
  }
  for (const [name, count] of Object.entries({ accumulate, saveEvery, snapshotEvery })) {
    if (count === undefined || count === 'auto' || (Number.isInteger(count) && Number(count) >= 1)) continue;
    throw new ShapeError(`train: ${name} must be a whole number from 1, given ${count}`);
  }
  const { stateDict, loadStateDict, rebuild } = optimizer;
  if (nonFinite !== undefined && !NON_FINITE_POLICIES.includes(nonFinite)) {
    throw new ShapeError(`train: nonFinite must be one of ${NON_FINITE_POLICIES.join(', ')}, given ${nonFinite}`);
  }
  if ((reopen || snapshotEvery) && !(stateDict && loadStateDict && rebuild)) {
    throw new ShapeError(
      'train: reopen and snapshotEvery need an optimizer with stateDict, loadStateDict and rebuild, as all of wgrad/optim',
    );
  }
}

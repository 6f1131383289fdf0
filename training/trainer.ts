// Training that can be left alone: a lost device is replaced, and a run whose numbers went wrong says where.
import { watchAnomalies } from '../engine/anomaly/index.ts';
import type { Device } from '../engine/device.ts';
import { AnomalyError, DeviceLostError, NonFiniteError } from '../kernels/errors.ts';
import { runFacts } from './distributed/runFacts.ts';
import { SkipCount } from './nonFinite.ts';
import { startOfRun } from './progress.ts';
import { type MovableOptimizer, restoreSnapshot, type SnapshotParts } from './snapshot.ts';
import { SnapshotKeeper } from './snapshotKeeper.ts';
import { type Run, trainEpochs } from './trainEpochs.ts';
import { checkTrainOptions, type TrainOptions, type TrainResult } from './trainOptions.ts';

export type {
  EpochReport,
  Recovery,
  StepOptimizer,
  StepReport,
  TrainOptions,
  TrainResult,
} from './trainOptions.ts';

/** Losses without a snapshot between them, after which it gives up. */
const MAX_LOSSES = 3;

/**
 * Trains a classifier with cross entropy (that of auxiliary heads weighted, see `classifierLoss`). The same seed gives the
 * same bytes on the same adapter, also in several parts. Memory stays flat: what a step makes is freed with its scope.
 * @throws ShapeError for options that do not fit
 * @throws DeviceLostError when the device was lost and there is no `reopen`, or it was lost again and again
 * @throws NonFiniteError for a NaN or an infinity, see `nonFinite`
 * @throws RankError when a rank of several died, hangs, failed, or runs something else
 */
export async function train(given: TrainOptions): Promise<TrainResult> {
  const { distributed } = given;
  const options = distributed ? { ...given, signal: distributed.signal } : given;
  const { device, seed = 0, from, reopen, snapshotEvery = reopen && 'auto' } = options;
  checkTrainOptions(options);
  const progress = structuredClone(from ?? startOfRun());
  if (!from) device.manualSeed(seed);
  await distributed?.begin({ ...given, facts: runFacts(given, progress) });
  if (distributed && !from) await given.save?.(progress); // what a run alone writes before it begins
  const parts = partsOf(options, device);
  const keeper = snapshotEvery ? await SnapshotKeeper.open(parts, progress, snapshotEvery) : undefined;
  const run: Run = { parts, progress, keeper, skips: new SkipCount() };
  let lost: DeviceLostError | undefined;
  let losses = 0;
  for (;;) {
    try {
      if (lost && keeper) {
        parts.device = await reopen!(lost);
        goBack(run, keeper);
        options.onRecover?.({ lost, device: parts.device, progress: structuredClone(progress) });
      }
      return await trainEpochs(options, run);
    } catch (error) {
      if (error instanceof NonFiniteError && keeper) throw await explained(error, options, run, keeper);
      if (!(error instanceof DeviceLostError) || !keeper || !reopen) throw error;
      lost = error;
      losses = keeper.isNew ? 1 : losses + 1;
      keeper.isNew = false;
      if (losses > MAX_LOSSES) throw givenUp(error, losses, keeper.snapshot.progress.step);
    }
  }
}

function goBack({ parts, progress }: Run, { snapshot }: SnapshotKeeper): void {
  restoreSnapshot(snapshot, parts);
  Object.assign(progress, structuredClone(snapshot.progress));
}

/**
 * Repeats the steps since the last snapshot with every operation watched. Model and optimizer stay where the repeat ends.
 * @returns the error with the operation that made the first bad number, or as it was where that did not come back
 */
async function explained(
  error: NonFiniteError,
  options: TrainOptions,
  run: Run,
  keeper: SnapshotKeeper,
): Promise<NonFiniteError> {
  const { model, device } = run.parts;
  if (device.recorder.anomalies) return error; // the caller watches already
  const last = error.step ?? run.progress.step;
  goBack(run, keeper);
  const repeat = new AbortController();
  using watch = watchAnomalies(device, { model });
  try {
    await trainEpochs(
      {
        ...{ ...options, nonFinite: 'ignore', signal: repeat.signal, saveEvery: 1 },
        ...{ onStep: undefined, onEpoch: undefined, onSnapshot: undefined },
        save: async ({ step }) => {
          await watch.check();
          if (step >= last) repeat.abort();
        },
      },
      { ...run, keeper: undefined, skips: new SkipCount() },
    );
  } catch (found) {
    if (!(found instanceof AnomalyError)) throw found;
    const { step } = run.progress;
    return new NonFiniteError(`${error.message}\nIn step ${step}: ${found.message}`, { step, cause: found });
  }
  return error;
}

function partsOf({ model, optimizer, scheduler, scaler }: TrainOptions, device: Device): SnapshotParts {
  return { model, device, optimizer: optimizer as MovableOptimizer, scheduler, scaler };
}

function givenUp(error: DeviceLostError, losses: number, step: number): DeviceLostError {
  return new DeviceLostError(`the device was lost ${losses} times after step ${step}: ${error.message}`, {
    cause: error,
  });
}

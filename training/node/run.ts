// A training run with a folder of its own: metrics as they come, a checkpoint after every epoch, reports at the end.
//
//   metrics.jsonl   checkpoint/   report.html   curves.svg   confusion.svg   samples.png   mistakes.png   classes.json
//   tensorboard/
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../../datasets/dataset.ts';
import type { Device } from '../../engine/device.ts';
import { onDisk } from '../../engine/node/fileError.ts';
import { makeFolder } from '../../engine/node/makeFolder.ts';
import { GradScaler } from '../../engine/optim/gradScaler.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { modelEntry } from '../../models/index.ts';
import { checkModelFits } from '../checkModelFits.ts';
import type { DataParallel } from '../distributed/dataParallel.ts';
import { type Evaluation, evaluate } from '../evaluate.ts';
import { type FindBatchSizeOptions, type FoundBatchSize, findBatchSize, LARGEST_BATCH } from '../findBatchSize.ts';
import { type Progress, startOfRun } from '../progress.ts';
import { createOptimizer, createScheduler } from '../recipe.ts';
import type { RunConfig } from '../runConfig.ts';
import { type EpochReport, type Recovery, type StepReport, type TrainOptions, train } from '../trainer.ts';
import { type Checkpoint, restoreCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { MetricsLog } from './metricsLog.ts';
import { folderVersions } from './replaceFolder.ts';
import { writeReports } from './runReports.ts';

/** `auto`: `findBatchSize` chooses it, and the run keeps what it found. */
export type NewRunConfig = Omit<RunConfig, 'batchSize'> & { batchSize: number | 'auto' };

export interface RunOptions {
  config: NewRunConfig;
  device: Device;
  trainSet: Dataset;
  testSet: Dataset;
  /** The run's folder; made where it does not exist. */
  out: string;
  /** Continues from here, to the same bytes as an uninterrupted run. Default: a new run. */
  checkpoint?: Checkpoint | undefined;
  /** Saves and stops after the step under way. */
  signal?: AbortSignal | undefined;
  /** Writes a checkpoint also after every so many steps. Default: after every epoch and when stopped. */
  checkpointEvery?: number | undefined;
  /** Opens another device when this one was lost, see `train`. Default: the run ends with DeviceLostError. */
  reopen?: TrainOptions['reopen'];
  /** Steps between snapshots on the host, which a lost device goes back to. Default `auto`, see `train`. */
  snapshotEvery?: TrainOptions['snapshotEvery'];
  /** Told what was tried for the batch size `auto`. */
  onBatchSize?: (found: FoundBatchSize) => void;
  /** Trains as one of several ranks, see `train`; the first one alone writes. `batchSize` is that of one rank. */
  distributed?: DataParallel | undefined;
  onStep?: (step: StepReport) => void;
  onEpoch?: (epoch: EpochReport) => void;
  onRecover?: (recovery: Recovery) => void;
}

export interface RunResult {
  /** With the batch size that was found. */
  config: RunConfig;
  progress: Progress;
  /** Whether `signal` ended the run before its last epoch. */
  isStopped: boolean;
  /** Steps whose update was left out, see `TrainOptions.nonFinite`. */
  skipped: number;
  /** Learned values of the model. */
  parameters: number;
  /** Of the finished run; absent when it was stopped. */
  test?: Evaluation;
  /** What lies in the run's folder now. */
  files: string[];
}

/** Where a run keeps its checkpoint. */
export function checkpointFolder(out: string): string {
  return join(out, 'checkpoint');
}

/** Whether a folder holds a run already. */
export function holdsRun(out: string): boolean {
  return folderVersions(checkpointFolder(out)).length > 0 || existsSync(metricsFile(out));
}

/**
 * Trains, from the start or from a checkpoint, and writes the run's folder.
 * @throws FormatError for a new run in a folder that holds one, or a checkpoint that does not fit its configuration
 * @throws ShapeError for an unknown model, or one that cannot read images of this size
 * @throws NonFiniteError for a NaN or an infinity, see `TrainOptions.nonFinite`; the last checkpoint stays
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { device, trainSet, testSet, out, checkpoint, signal, onStep, onEpoch, onRecover } = options;
  const { checkpointEvery: saveEvery, reopen, snapshotEvery, distributed } = options;
  const isMain = distributed?.isMain ?? true;
  if (!checkpoint && isMain && holdsRun(out)) throw new FormatError(`${out} holds a run already`);
  const [inChannels, ...size] = trainSet.shape;
  const entry = modelEntry(options.config.model);
  checkModelFits(entry, trainSet.name, size);
  // torchvision too trains GoogLeNet with its auxiliary heads
  const auxiliary = entry.family === 'GoogLeNet' && { auxLogits: true };
  const model = entry.create({ numClasses: trainSet.classes.length, inChannels, ...auxiliary });
  model.to(device, { seed: options.config.seed });
  const optimizer = createOptimizer(options.config, model.parameters());
  const scaler = options.config.precision === 'float16' ? new GradScaler() : undefined;
  try {
    const config = await withBatchSize(options, { model, device, optimizer, scaler });
    const images = Math.min(trainSet.count, config.limit ?? Number.POSITIVE_INFINITY);
    const imagesOfRank = Math.ceil(images / (distributed?.size ?? 1));
    const totalSteps = config.epochs * Math.ceil(imagesOfRank / (config.batchSize * (config.accumulate ?? 1)));
    const scheduler = createScheduler(config, optimizer, totalSteps);
    const training = { model, device, optimizer, scheduler, scaler };
    const save = async (progress: Progress) => {
      if (!isMain) return;
      onDisk(out, { doing: 'written' }, () => statSync(out)); // one that was moved away is not begun anew
      await saveCheckpoint(checkpointFolder(out), training, { config, progress });
    };

    if (isMain) makeFolder(out);
    const log = isMain ? new MetricsLog(metricsFile(out)) : undefined;
    if (checkpoint) {
      restoreCheckpoint(checkpoint, training);
      log?.truncateAfter(checkpoint.progress.step, checkpoint.progress);
    } else {
      device.manualSeed(config.seed);
      if (!distributed) await save(startOfRun()); // so that a run killed in its first epoch can be resumed too
    }
    const { progress, isStopped, skipped, ...ended } = await train({
      ...{ ...training, trainSet, testSet, signal, save },
      ...{ epochs: config.epochs, batchSize: config.batchSize, seed: config.seed },
      ...{ accumulate: config.accumulate, nonFinite: config.nonFinite, saveEvery, distributed },
      ...(distributed ? {} : { reopen, snapshotEvery }),
      limit: config.limit ?? undefined,
      from: checkpoint?.progress,
      onStep: (step) => {
        const { progress, loss, lr } = step;
        log?.append({
          kind: 'step',
          step: progress.step,
          epoch: progress.epoch + 1,
          loss,
          lr,
          seconds: progress.seconds,
        });
        onStep?.(step);
      },
      onEpoch: (epoch) => {
        log?.append(epochRow(epoch));
        onEpoch?.(epoch);
      },
      onRecover: (recovery) => {
        training.device = recovery.device;
        log?.truncateAfter(recovery.progress.step, recovery.progress);
        onRecover?.(recovery);
      },
    });
    const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
    const kept = isMain ? [metricsFile(out), checkpointFolder(out)] : [];
    if (isStopped) return { config, progress, isStopped, skipped, parameters, files: kept };
    const { precision = 'float32' } = config;
    const testing = [model, training.device, testSet, { precision }] as const;
    const test = ended.test ?? (await (distributed ? distributed.evaluate(...testing) : evaluate(...testing)));
    if (!log) return { config, progress, isStopped, skipped, parameters, test, files: kept };
    const finished = { rows: log.read().rows, testSet, test, config };
    const reports = await writeReports(out, finished, { title: `${config.model} on ${config.dataset}` });
    return { config, progress, isStopped, skipped, parameters, test, files: [...kept, ...reports] };
  } finally {
    optimizer.dispose();
    scaler?.dispose();
    model.dispose();
  }
}

/** @throws OutOfMemoryError when no size fits */
async function withBatchSize(
  { config, trainSet, onBatchSize, distributed }: RunOptions,
  parts: Omit<FindBatchSizeOptions, 'trainSet'>,
): Promise<RunConfig> {
  if (config.batchSize !== 'auto') return { ...config, batchSize: config.batchSize };
  if (distributed) {
    throw new ShapeError(
      'a batch size of auto is found by one rank alone: find it there, and give it to all as a number',
    );
  }
  const found = await findBatchSize({
    ...parts,
    trainSet,
    largest: Math.min(config.limit ?? LARGEST_BATCH, LARGEST_BATCH),
  });
  onBatchSize?.(found);
  return { ...config, batchSize: found.batchSize };
}

function metricsFile(out: string): string {
  return join(out, 'metrics.jsonl');
}

function epochRow({ progress, trainLoss, trainAccuracy, imagesPerSecond, test }: EpochReport) {
  const { epoch, step, seconds } = progress;
  const tested = { testLoss: test.loss, testAccuracy: test.accuracy };
  return { kind: 'epoch', epoch, step, trainLoss, trainAccuracy, ...tested, imagesPerSecond, seconds } as const;
}

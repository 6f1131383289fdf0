// The epochs of a run on one device, each followed by a test.
import { DataLoader } from '../datasets/dataLoader.ts';
import { ReduceLROnPlateau } from '../engine/optim/schedulers/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { badLoss, checkFinite, type SkipCount, StatisticsGuard } from './nonFinite.ts';
import { type Progress, startOfEpoch } from './progress.ts';
import { runEpoch } from './runEpoch.ts';
import type { SnapshotParts } from './snapshot.ts';
import type { SnapshotKeeper } from './snapshotKeeper.ts';
import { stepPrecision } from './stepPrecision.ts';
import { StepRunner } from './stepRunner.ts';
import type { TrainOptions, TrainResult } from './trainOptions.ts';
import { trainStep } from './trainStep.ts';

/** What goes on from device to device. */
export interface Run {
  readonly parts: SnapshotParts;
  readonly progress: Progress;
  readonly keeper: SnapshotKeeper | undefined;
  readonly skips: SkipCount;
}

/** From where `progress` stands to the end, or until `signal` fires. @throws NonFiniteError */
export async function trainEpochs(options: TrainOptions, run: Run): Promise<TrainResult> {
  const { model, trainSet, testSet, scheduler, epochs, seed = 0, signal, onEpoch, save, limit } = options;
  const { batchSize = 64, accumulate = 1, nonFinite = 'stop', distributed } = options;
  const { parts, progress, keeper } = run;
  const { device } = parts;
  const ended = () => ({ progress, skipped: run.skips.total, ...(test && { test }), device });
  const count = Math.min(limit ?? trainSet.count, trainSet.count);
  const order = distributed ? { sampler: distributed.sampler(count) } : { shuffle: true, limit: count };
  const loader = new DataLoader(trainSet, { batchSize: batchSize * accumulate, seed, ...order });
  let test: Evaluation | undefined;
  while (progress.epoch < epochs) {
    await trainEpoch(options, run, loader, count);
    if (nonFinite === 'stop') await checkFinite(model, device, progress.step);
    if (signal?.aborted && progress.batch < loader.length) {
      await save?.(progress);
      return { ...ended(), isStopped: true };
    }
    const started = performance.now();
    const precision = options.scaler ? 'float16' : 'float32';
    test = distributed
      ? await distributed.evaluate(model, device, testSet, { precision })
      : await evaluate(model, device, testSet, { precision });
    progress.seconds += (performance.now() - started) / 1000;
    if (scheduler instanceof ReduceLROnPlateau) scheduler.step(test.loss);
    const { images, loss, right, seconds } = progress.current;
    Object.assign(progress, { epoch: progress.epoch + 1, batch: 0, current: startOfEpoch() });
    if (!progress.best || test.accuracy > progress.best.testAccuracy) {
      progress.best = { epoch: progress.epoch, testAccuracy: test.accuracy };
    }
    if (keeper?.isDue(progress.step)) await snapshot(options, run, keeper);
    const means = { trainLoss: loss / images, trainAccuracy: right / images, imagesPerSecond: images / seconds };
    onEpoch?.({ progress: structuredClone(progress), ...means, test });
    await save?.(progress);
    if (signal?.aborted && progress.epoch < epochs) return { ...ended(), isStopped: true };
  }
  return { ...ended(), isStopped: false };
}

async function snapshot(
  { onSnapshot }: TrainOptions,
  { parts, progress }: Run,
  keeper: SnapshotKeeper,
  ready?: () => Promise<void>,
): Promise<void> {
  const seconds = await keeper.take(parts, progress, ready);
  onSnapshot?.({ step: progress.step, seconds });
}

/** Runs what is left of an epoch, or up to the step in which `signal` fires. */
async function trainEpoch(options: TrainOptions, run: Run, loader: DataLoader, count: number): Promise<void> {
  const { model, optimizer, scheduler, scaler, signal, onStep, capture, batchSize = 64 } = options;
  const { save, saveEvery, nonFinite = 'stop', distributed } = options;
  const { parts, progress, keeper, skips } = run;
  const { device } = parts;
  model.train();
  loader.epoch = progress.epoch;
  loader.startBatch = progress.batch;
  const isSkipping = nonFinite === 'skip';
  using alone = stepPrecision(device, optimizer, { scaler, isSkipping });
  const isWhole = loader.batchSize === batchSize;
  const sharing = { model, device, optimizer, precision: alone, count, batchSize: loader.batchSize, isWhole };
  using shared = distributed?.openEpoch(sharing);
  const { precision } = shared ?? sharing;
  using guard = scaler || isSkipping ? new StatisticsGuard(model, device) : undefined;
  const step = (x: Tensor, labels: Tensor) => {
    optimizer.zeroGrad();
    const results = trainStep(model, precision, { x, labels, microBatch: batchSize });
    precision.update();
    return results;
  };
  let enqueued = progress.step;
  using runner = new StepRunner({ device, capture, step });
  await runEpoch({
    ...{ device, progress, signal },
    batches: shared?.batches(loader) ?? loader,
    batchSize: loader.batchSize,
    reduced: shared && (() => shared.outcome()),
    prepare: ({ x: values, shape, labels }) => runner.prepare({ x: { values, shape }, labels }),
    step: ({ x: values, shape, labels, index }) => {
      shared?.begin(index);
      const { lr } = optimizer.paramGroups[0];
      guard?.keep();
      const results = runner.run({ x: { values, shape }, labels });
      shared?.measures(results, labels);
      const finished = precision.finish(() => {
        if (!(scheduler instanceof ReduceLROnPlateau)) scheduler?.step();
      });
      return { ...results, labels, lr, finished: finished && judge(++enqueued, finished) };
    },
    onStep: (each) => {
      if (nonFinite === 'stop' && !each.isSkipped && !Number.isFinite(each.loss))
        throw badLoss(progress.step, each.loss);
      onStep?.({ ...each, progress: structuredClone(progress), stepsPerEpoch: loader.length });
    },
    between: (taken, settle) => {
      const isSaved = saveEvery !== undefined && taken % saveEvery === 0;
      const isKept = keeper?.isDue(taken) ?? false;
      if (!isSaved && !isKept) return undefined;
      return keepAndSave(settle, isKept, isSaved);
    },
  });

  /** @returns whether the step was taken */
  async function judge(number: number, finished: Promise<boolean>): Promise<boolean> {
    const isTaken = await finished;
    if (isTaken) {
      skips.taken();
      return true;
    }
    guard!.restore();
    skips.skipped(number);
    return false;
  }

  async function keepAndSave(settle: () => Promise<void>, isKept: boolean, isSaved: boolean): Promise<void> {
    const ready = async () => {
      await settle();
      if (nonFinite === 'stop') await checkFinite(model, device, progress.step);
    };
    if (isKept) await snapshot(options, run, keeper!, ready);
    else await ready();
    if (isSaved) await save?.(progress);
  }
}

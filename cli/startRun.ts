// Runs a training run before a person's eyes, and says at the end what came out, as text or as one line of JSON.
import { openAgain } from '../engine/node/openAgain.ts';
import { modelEntry } from '../models/index.ts';
import type { DataParallel } from '../training/distributed/index.ts';
import { checkModelFits, type FoundBatchSize } from '../training/index.ts';
import { type Checkpoint, type NewRunConfig, type RunResult, run } from '../training/node/index.ts';
import { formatDuration } from '../training/report/progressBar.ts';
import { loadDatasets } from './loadDatasets.ts';
import { stopSignal } from './stopSignal.ts';
import { TrainProgress } from './trainProgress.ts';
import { openTunedDevice } from './tuningOptions.ts';

export interface StartRunOptions {
  config: NewRunConfig;
  /** The run's folder. */
  out: string;
  checkpoint?: Checkpoint;
  /** Writes a checkpoint also after every so many steps. */
  checkpointEvery?: number | undefined;
  /** Part of an adapter's name. */
  adapter?: string | undefined;
  /** Kernels are chosen by measurement. Default false. */
  tune?: boolean | undefined;
  /** Trains as one of several ranks; the first one speaks. */
  distributed?: DataParallel | undefined;
  /** One JSON line on stdout instead of text. Default false. */
  json?: boolean | undefined;
}

/** Progress goes to stderr, results to stdout. Sets the exit code when the run was stopped. */
export async function startRun(startOptions: StartRunOptions) {
  const { config, out, checkpoint, checkpointEvery, adapter, tune, json = false, distributed } = startOptions;
  const isMain = distributed?.isMain ?? true;
  const sets = await loadDatasets(config);
  const [inChannels, ...size] = sets.trainSet.shape;
  const entry = modelEntry(config.model);
  checkModelFits(entry, config.dataset, size);
  const options = { inChannels, numClasses: sets.trainSet.classes.length };
  const batch = config.batchSize === 'auto' ? 64 : config.batchSize; // what kernels are tuned for
  const open = () => openTunedDevice(entry, { tune, adapter, batch, size: size[0], options });
  const device = await open();
  if (isMain) announce({ config, out, checkpoint }, sets, device.adapterName);
  const progress = new TrainProgress(config.epochs);
  using stop = stopSignal();
  let result: RunResult;
  try {
    result = await run({
      ...{ config, device, out, checkpoint, checkpointEvery, signal: stop.signal, distributed, ...sets },
      reopen: () => openAgain(open),
      onRecover: ({ lost, progress: { step } }) => {
        progress.finish();
        process.stderr.write(`${lost.message}\nAnother device is open; the run goes on after step ${step}.\n`);
      },
      onBatchSize: (found) => process.stderr.write(batchSizeText(found)),
      onStep: (step) => {
        if (!isMain) return;
        progress.onStep(step);
        if (step.isSkipped && config.nonFinite === 'skip') {
          progress.finish();
          process.stderr.write(`step ${step.progress.step} was left out: its gradients are not finite\n`);
        }
      },
      onEpoch: (epoch) => isMain && progress.onEpoch(epoch),
    });
  } finally {
    progress.finish();
  }
  if (!isMain) {
    if (result.isStopped) process.exitCode = stop.exitCode;
    return { ...result, ...sets };
  }
  const launcher = distributed ? `mpirun -n ${distributed.size} ` : '';
  const resume = `${launcher}npx wgrad train ${config.model} --resume --out ${quoted(out)}${adapter ? ` --adapter ${quoted(adapter)}` : ''}`;
  if (result.isStopped) {
    process.stderr.write(`stopped after step ${result.progress.step}; saved in ${out}. To continue:\n  ${resume}\n`);
    process.exitCode = stop.exitCode;
  }
  if (json) console.log(JSON.stringify(summary({ out, resume }, result, device.adapterName)));
  else if (!result.isStopped) console.log(resultText(result));
  return { ...result, ...sets };
}

/** The line that `--json` prints. Accuracies are fractions of 1, losses nats, times seconds. */
function summary(
  { out, resume }: { out: string; resume: string },
  { config, progress, isStopped, skipped, parameters, test }: RunResult,
  adapter: string,
) {
  const { epoch, step, images, seconds, trainingSeconds, best } = progress;
  return {
    model: config.model,
    dataset: config.dataset,
    testAccuracy: test?.accuracy ?? null,
    testLoss: test?.loss ?? null,
    bestTestAccuracy: best?.testAccuracy ?? null,
    batchSize: config.batchSize,
    epochs: epoch,
    steps: step,
    skippedSteps: skipped,
    imagesPerSecond: images / trainingSeconds,
    seconds,
    parameters,
    seed: config.seed,
    adapter,
    out,
    ...(isStopped && { stopped: true, resume }),
  };
}

function resultText({ progress, test, files }: RunResult): string {
  const { epoch, images, trainingSeconds, seconds } = progress;
  const speed = `${Math.round(images / trainingSeconds)} images/s, ${formatDuration(seconds)} in all`;
  return [
    `test accuracy ${(100 * test!.accuracy).toFixed(2)} %, test loss ${test!.loss.toFixed(4)} after ${counted(epoch, 'epoch')} (${speed})`,
    ...files.map((file) => `  ${file}`),
  ].join('\n');
}

function batchSizeText({ batchSize, trials, limit }: FoundBatchSize): string {
  const tried = trials.map(({ batchSize: size, imagesPerSecond }) =>
    imagesPerSecond === undefined ? `${size} do not fit` : `${size}: ${Math.round(imagesPerSecond)} images/s`,
  );
  const why = {
    memory: 'more do not fit into memory',
    speed: 'more bring less than 5 %',
    largest: 'the largest tried',
  };
  return `batch size ${batchSize}, ${why[limit]} (${tried.join(', ')})\n`;
}

function announce(
  { config, out, checkpoint }: Pick<StartRunOptions, 'config' | 'out' | 'checkpoint'>,
  { trainSet, testSet }: Awaited<ReturnType<typeof loadDatasets>>,
  adapter: string,
): void {
  const { model, dataset, limit, epochs, batchSize, optimizer, lr, scheduler, seed, ranks } = config;
  const images = Math.min(trainSet.count, limit ?? trainSet.count);
  const lines = [
    `${model} on ${dataset}: ${images} images to train, ${testSet.count} to test, ${counted(epochs, 'epoch')} in batches of ${batchSize === 'auto' ? 'a size to be found' : batchSize}${ranks ? ` on each of ${ranks} ranks` : ''}`,
    `${optimizer} up to lr ${lr}, schedule ${scheduler}, seed ${seed}; on ${adapter}; into ${out}`,
  ];
  if (checkpoint) {
    const { progress, adapter: before } = checkpoint;
    const isComplete = progress.epoch === epochs;
    lines.push(
      isComplete
        ? 'the run is complete; testing it again'
        : `resumed in epoch ${progress.epoch + 1}, after step ${progress.step}`,
    );
    if (before !== adapter) {
      lines.push(`trained on ${before} so far: on another adapter the result will differ in the last bits`);
    }
  }
  process.stderr.write(`${lines.join('\n')}\n`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** As a shell wants it. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

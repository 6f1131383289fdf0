// Runs `wgrad finetune` before a person's eyes, and says at the end what came out, as text or as one line of JSON.
import { IMAGENET_PREPROCESSING, type Preprocessing } from '../datasets/images/preprocessing.ts';
import { IMAGE_EXTENSIONS } from '../datasets/node/index.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { FormatError } from '../kernels/errors.ts';
import type { ModelEntry } from '../models/entry.ts';
import { classWeights } from '../training/fineTune/fineTuneLoss.ts';
import { splitOff } from '../training/fineTune/sources.ts';
import {
  type BatchSource,
  type FineTuneOptions,
  type FineTuneResult,
  replaceHead,
  sourceSubset,
} from '../training/index.ts';
import { fineTune, lrFind } from '../training/node/index.ts';
import { formatDuration } from '../training/report/progressBar.ts';
import { findModel } from './findModel.ts';
import type { FinetuneFlags } from './finetune.ts';
import { augmentedSource } from './finetuneAugment.ts';
import {
  type FinetuneSets,
  finetunePreprocessing,
  finetuneSets,
  finetuneSource,
  type Labelled,
  workersFor,
} from './finetuneData.ts';
import { FinetuneFolder } from './finetuneFolder.ts';
import { FinetuneProgress } from './finetuneProgress.ts';
import { checkValidation, finetuneSettings } from './finetuneSettings.ts';
import { type PretrainedTrunk, pretrainedTrunk } from './finetuneWeights.ts';
import { inFlags } from './finetuneWords.ts';
import { newRunFolder } from './newRunFolder.ts';
import { stopSignal } from './stopSignal.ts';
import { openTunedDevice } from './tuningOptions.ts';
import { UsageError } from './usageError.ts';

/** Results go to stdout, all else to stderr. Sets the exit code when it was stopped. */
export async function startFinetune(name: string, flags: FinetuneFlags): Promise<void> {
  try {
    await finetune(name, flags);
  } catch (error) {
    const isPicture = error instanceof FormatError && flags.dataset === 'imagefolder' && !flags.skipBad;
    if (!isPicture || IMAGE_EXTENSIONS.every((ending) => !error.message.toLowerCase().includes(`${ending}:`)))
      throw inFlags(error);
    throw new FormatError(`${error.message}; --skip-bad leaves out what cannot be read`, { cause: error });
  }
}

async function finetune(name: string, flags: FinetuneFlags): Promise<void> {
  const prepared = await prepare(name, flags);
  const { entry, sets, trunk, preprocessing, size } = prepared;
  const { classes } = sets.train;
  // frozen layers run forward only
  const device = await openTunedDevice(entry, {
    ...{ tune: flags.tune, adapter: flags.adapter, mode: flags.freeze === 'none' ? 'train' : 'forward' },
    ...{ batch: flags.batchSize, size, options: trunk.options },
  });
  const model = trunk.model.to(device, { seed: flags.seed });
  replaceHead(model, entry, classes.length, { seed: flags.seed });
  announce(prepared, flags.dataset, device.adapterName);
  using stop = stopSignal();
  await using sources = await openSources(prepared, flags);
  const options = { ...prepared.settings, device, head: entry.head, signal: stop.signal };
  const { limit, testLimit, augment, skipBad } = flags;
  const folder = new FinetuneFolder(prepared.out, {
    ...{ format: 'wgrad fine-tuning', version: 1, model: name, options: trunk.options, dataset: flags.dataset },
    ...{ classes, preprocessing },
    settings: { weights: trunk.path, data: sets.data, limit, testLimit, augment, skipBad, ...prepared.settings },
  });
  if (flags.lrFind) options.lr = (await findRate(model, sources.train, options, folder, flags.lr)) ?? options.lr;
  const result = await tune(model, sources, options, folder);
  if (result.isStopped) {
    say(`stopped; ${folder.path} has the values of ${result.bestEpoch ? `epoch ${result.bestEpoch}` : 'no epoch yet'}`);
    process.exitCode = stop.exitCode;
  }
  const files = result.test ? await folder.finish(sets.test, result) : [];
  if (flags.json) {
    const { dataset, freeze, seed } = flags;
    const about = {
      model: name,
      dataset,
      weights: trunk.path,
      head: entry.head,
      classes: classes.length,
      size,
      freeze,
    };
    const images = { trainImages: sets.train.count, testImages: sources.test.count, badImages: sets.badCount };
    const recipe = {
      optimizer: options.optimizer,
      lr: options.lr,
      seed,
      adapter: device.adapterName,
      out: folder.path,
    };
    console.log(JSON.stringify({ ...about, ...summary(result), ...images, ...recipe }));
  } else if (result.test) console.log(resultText(result, files));
  model.dispose();
}

interface Prepared {
  entry: ModelEntry;
  settings: Omit<FineTuneOptions, 'device'>;
  sets: FinetuneSets;
  trunk: PretrainedTrunk;
  preprocessing: Preprocessing;
  size: number;
  why: string;
  /** Threads that prepare images; 0: this one. */
  workers: number;
  /** The run's folder, which is not made yet. */
  out: string;
}

/** All that can be refused without a device. */
async function prepare(name: string, flags: FinetuneFlags): Promise<Prepared> {
  const entry = findModel(name);
  const settings = finetuneSettings(flags);
  const out = flags.out ?? newRunFolder({ model: name, dataset: flags.dataset });
  FinetuneFolder.check(out);
  const sets = await finetuneSets({ ...flags, warn: say });
  checkValidation(settings, sets.train.count);
  const workers = workersFor(sets.train, flags.workers);
  const { length } = sets.train.classes;
  if (flags.classes !== undefined && flags.classes !== length) {
    throw new UsageError(`${flags.dataset} has ${length} classes: --classes ${flags.classes} does not fit`);
  }
  classWeights(settings.classWeights, { classes: sets.train.classes, labels: sets.train.labels ?? [] });
  const trunk = await pretrainedTrunk(entry, flags.weights, 'images' in sets.train ? sets.train.shape[0] : 3);
  if (flags.freeze.startsWith('until:')) trunk.model.getSubmodule(flags.freeze.slice('until:'.length));
  const own = trunk.preprocessing ?? ownPreprocessing(sets.train);
  const chosen = finetunePreprocessing(entry, sets.train, { size: flags.size, own });
  return { entry, settings, out, sets, trunk, workers, ...chosen };
}

interface Sources extends AsyncDisposable {
  train: BatchSource;
  validation?: BatchSource;
  test: BatchSource;
}

/** The images held out are split off here, so that they are neither augmented nor seen by the sweep over rates. */
async function openSources(
  { sets, settings, preprocessing, size, workers }: Prepared,
  { augment, seed }: FinetuneFlags,
): Promise<Sources> {
  const plain = await finetuneSource(sets.train, preprocessing, workers);
  const all = augment ? await augmentedSource(sets.train, preprocessing, { size, seed, workers }) : plain;
  const test = await finetuneSource(sets.test, preprocessing, workers);
  const close = async () => void (await Promise.all([plain, all, test].map((source) => source.close?.())));
  const held = splitOff(all.count, { share: settings.validationShare ?? 0, seed });
  const split = held.validation.length
    ? { train: sourceSubset(all, held.train), validation: sourceSubset(plain, held.validation) }
    : { train: all };
  return { ...split, test, [Symbol.asyncDispose]: close };
}

/** Where nothing is known of the weights: the data set's own mean and deviation, ImageNet's for photographs. */
function ownPreprocessing(set: Labelled): Preprocessing {
  return 'images' in set ? { mean: set.mean, std: set.std } : IMAGENET_PREPROCESSING;
}

/** @returns the rate that was given, else the one that the sweep suggests, if it does */
async function findRate(
  model: AnyModule,
  train: BatchSource,
  options: FineTuneOptions & { head: string },
  folder: FinetuneFolder,
  given: number | undefined,
): Promise<number | undefined> {
  const { lr: _, ...others } = options;
  const progress = new FinetuneProgress(1);
  const found = await lrFind(
    model,
    { train },
    {
      ...others,
      onCache: (images, total) => progress.onFeatures('train', images, total),
      onStep: (point, steps) => progress.onSweep(point, steps),
    },
  );
  progress.finish();
  await folder.addSweep(found);
  const { suggestion } = found;
  const told =
    suggestion === null ? 'the loss fell at no rate' : `the loss falls fastest at ${suggestion.toPrecision(2)}`;
  say(`lr-find: ${told}; lr-find.svg in ${folder.path} shows it`);
  return given ?? suggestion ?? undefined;
}

async function tune(
  model: AnyModule,
  sources: Sources,
  options: FineTuneOptions,
  folder: FinetuneFolder,
): Promise<FineTuneResult> {
  const progress = new FinetuneProgress(options.epochs!);
  try {
    return await fineTune(model, sources, {
      ...options,
      ...progress.callbacks(),
      onFreeze: (lines, sizes) => {
        folder.addFrozen(lines);
        progress.onFreeze(lines, sizes);
      },
      onStep: (step) => {
        folder.addStep(step);
        progress.onStep(step);
      },
      onEpoch: (epoch) => {
        folder.addEpoch(epoch);
        progress.onEpoch(epoch);
      },
      onBest: () => folder.save(model),
    });
  } finally {
    progress.finish();
  }
}

/** What `--json` prints of a result. Accuracies are fractions of 1, losses nats, times seconds. */
function summary({ before, test, epochs, bestEpoch, cache, isStopped, isEarly, ...rest }: FineTuneResult) {
  const validation = epochs.find(({ epoch, split }) => split === 'validation' && epoch === bestEpoch)?.evaluation;
  return {
    testAccuracyBefore: before.accuracy,
    testAccuracy: test?.accuracy ?? null,
    testTop5: test ? test.top5 / test.total : null,
    testLoss: test?.loss ?? null,
    ...(validation && { validationAccuracy: validation.accuracy }),
    frozenParameters: rest.frozenParameters,
    trainedParameters: rest.trainedParameters,
    seconds: rest.seconds,
    epochSeconds: epochs.map(({ seconds }) => seconds),
    epochs: epochs.length,
    bestEpoch,
    cached: cache.kind,
    cachedBytes: cache.bytes,
    ...(cache.reason !== undefined && { cacheReason: cache.reason }),
    ...(isStopped && { stopped: true }),
    ...(isEarly && { endedEarly: true }),
  };
}

function resultText({ before, test, seconds, bestEpoch }: FineTuneResult, files: readonly string[]): string {
  const share = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
  return [
    `accuracy on ${test!.total} test images: ${share(before.accuracy)} before, ${share(test!.accuracy)} after ` +
      `(top-5 ${share(test!.top5 / test!.total)}), values of epoch ${bestEpoch}, ${formatDuration(seconds)} in all`,
    ...files.map((file) => `  ${file}`),
  ].join('\n');
}

function announce({ entry, sets, trunk, size, why, out, workers }: Prepared, dataset: string, adapter: string): void {
  const { train, test } = sets;
  const from = trunk.path ?? 'random values';
  const by = workers ? `, prepared by ${workers} worker${workers === 1 ? '' : 's'}` : '';
  say(
    `${entry.name} with ${from}, a new head ${entry.head} for ${train.classes.length} classes; on ${adapter}; into ${out}`,
  );
  say(`${dataset}: ${train.count} images to train, ${test.count} to test, at ${size}x${size} (${why})${by}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

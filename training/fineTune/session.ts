// One fine-tuning under way: epochs, tests, freed layers, kept features.
import type { Device } from '../../engine/device.ts';
import { argmax } from '../../engine/functional/reduction.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import type { Parameter } from '../../engine/nn/parameter.ts';
import { clipGradNorm, GradScaler, ReduceLROnPlateau, type Scheduler } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { type Evaluation, evaluateBatches } from '../evaluate.ts';
import { badLoss } from '../nonFinite.ts';
import { type Progress, startOfEpoch, startOfRun } from '../progress.ts';
import { createOptimizer, createScheduler, type NamedOptimizer } from '../recipe.ts';
import { runEpoch } from '../runEpoch.ts';
import { type StepPrecision, stepPrecision } from '../stepPrecision.ts';
import { StepRunner, type StepTensors } from '../stepRunner.ts';
import { BestWeights } from './bestWeights.ts';
import { type Feed, openFeed, rangeOf } from './feed.ts';
import { classWeights, fineTuneLoss, weightTensor } from './fineTuneLoss.ts';
import { setRequiresGrad, trainUnfrozen } from './freeze.ts';
import { freezeReport } from './freezeReport.ts';
import { groupRates, type LayerGroup } from './layerGroups.ts';
import type { FineTuneOptions, FineTuneSettings } from './options.ts';
import type { FineTuneCallbacks, FineTuneEpoch, FineTuneResult, Split } from './reports.ts';
import type { Sources } from './sources.ts';
import { type TrainingBatch, trainingBatches } from './trainingBatches.ts';

export interface SessionParts {
  model: AnyModule;
  sources: Sources;
  settings: FineTuneSettings;
  options: FineTuneOptions & FineTuneCallbacks;
  frozen: Set<AnyModule>;
  groups: readonly LayerGroup[];
}

/** One run of `fineTune`: owns optimizer, feeds and class weights. */
export class Session implements Disposable {
  readonly #parts: SessionParts;
  readonly #device: Device;
  readonly #optimizer: NamedOptimizer;
  readonly #scheduler: Scheduler | undefined;
  readonly #scaler: GradScaler | undefined;
  readonly #precision: StepPrecision;
  /** All that will be trained in the course of the run. */
  readonly #trained: readonly Parameter[];
  readonly #weight: Tensor | undefined;
  readonly #started = performance.now();
  readonly #epochs: FineTuneEpoch[] = [];
  #feeds: Partial<Record<Split, Feed>> = {};

  constructor(parts: SessionParts) {
    const { sources, settings, options, groups } = parts;
    this.#parts = parts;
    this.#device = options.device;
    const { epochs, batchSize, unfreezeEvery } = settings;
    const freed = new Set(this.#frozenGroups().slice(0, unfreezeEvery ? Math.floor((epochs - 1) / unfreezeEvery) : 0));
    const rates = groupRates(groups, settings);
    const paramGroups = groups
      .map((group, i) => ({
        params: group.parameters.filter((parameter) => parameter.requiresGrad || freed.has(group)),
        lr: rates[i],
      }))
      .filter(({ params }) => params.length)
      .reverse(); // the head's rate is the one that is reported
    this.#trained = paramGroups.flatMap(({ params }) => params);
    this.#optimizer = createOptimizer(settings, paramGroups);
    if (settings.precision === 'float16') this.#scaler = new GradScaler();
    this.#precision = stepPrecision(this.#device, this.#optimizer, { scaler: this.#scaler });
    try {
      const steps = epochs * Math.ceil(sources.train.count / batchSize);
      this.#scheduler = createScheduler(settings, this.#optimizer, steps);
      this.#weight = weightTensor(this.#device, classWeights(settings.classWeights, sources.train));
    } catch (error) {
      this.#optimizer.dispose();
      throw error;
    }
  }

  async run(): Promise<FineTuneResult> {
    const { model, sources, settings, options } = this.#parts;
    const { epochs, patience, unfreezeEvery } = settings;
    const isStopped = () => options.signal?.aborted ?? false;
    const best = new BestWeights(model, this.#trained);
    const monitored = sources.validation ? 'validation' : 'test';
    const progress = startOfRun();
    let bestEpoch: FineTuneEpoch | undefined;
    let isEarly = false;
    this.#reportFreeze();
    await this.#openFeed('test');
    const before = await this.#evaluate('test');
    if (!isStopped()) options.onBefore?.(before);
    for (let epoch = 0; epoch < epochs && !isStopped() && !isEarly; epoch++) {
      const started = performance.now();
      if (unfreezeEvery && epoch > 0 && epoch % unfreezeEvery === 0) this.#unfreezeNext();
      progress.current = startOfEpoch();
      progress.batch = 0;
      if (!(await this.#openFeed('train'))) break;
      await this.#trainEpoch(progress, epoch);
      if (isStopped()) break;
      const seconds = (performance.now() - started) / 1000;
      progress.epoch = epoch + 1;
      if (!(await this.#openFeed(monitored))) break;
      const evaluation = await this.#evaluate(monitored);
      const isBest = !sources.validation || !bestEpoch || this.#isBetter(evaluation, bestEpoch.evaluation);
      const report = this.#report(progress, { seconds, evaluation, isBest, split: monitored });
      if (this.#scheduler instanceof ReduceLROnPlateau) this.#scheduler.step(evaluation.loss);
      if (isBest) bestEpoch = report;
      if (isBest && sources.validation) await best.take();
      this.#epochs.push(report);
      options.onEpoch?.(report);
      if (isBest) await options.onBest?.(report);
      isEarly = patience !== undefined && report.epoch - bestEpoch!.epoch >= patience;
    }
    best.restore();
    const result = { before, epochs: this.#epochs, bestEpoch: bestEpoch?.epoch ?? 0, isStopped: isStopped(), isEarly };
    const cache = this.#feeds.train?.cache ?? { kind: 'none', bytes: 0, reason: 'stopped before' };
    const test = result.isStopped ? undefined : await this.#finalTest(monitored);
    model.eval();
    const { frozen: frozenParameters, trained: trainedParameters } = this.#sizes();
    const seconds = (performance.now() - this.#started) / 1000;
    return { ...result, ...(test && { test }), frozenParameters, trainedParameters, cache, seconds };
  }

  [Symbol.dispose](): void {
    this.#closeFeeds();
    this.#optimizer.dispose();
    this.#scaler?.dispose();
    this.#weight?.dispose();
  }

  async #trainEpoch(progress: Progress, epoch: number): Promise<void> {
    const { model, sources, settings, options, frozen } = this.#parts;
    trainUnfrozen(model, frozen, settings.frozenBatchNorm);
    const { batchSize, seed, mixup } = settings;
    // mixup mixes by other shares at each step
    const step = (x: Tensor, target: Tensor, batch: TrainingBatch) => this.#step(x, target, batch);
    using runner = new StepRunner({ device: this.#device, capture: mixup === 0, step });
    await runEpoch({
      ...{ device: this.#device, batchSize, progress, signal: options.signal },
      batches: trainingBatches(this.#feeds.train!, { batchSize, seed, epoch, mixup }),
      prepare: (batch) => runner.prepare(batch),
      step: (batch) => {
        const { lr } = this.#optimizer.paramGroups[0];
        const results = runner.run(batch);
        const finished = this.#precision.finish(() => {
          if (!(this.#scheduler instanceof ReduceLROnPlateau)) this.#scheduler?.step();
        });
        return { ...results, labels: batch.labels, lr, finished };
      },
      onStep: (step) => {
        if (!step.isSkipped && !Number.isFinite(step.loss)) throw badLoss(progress.step, step.loss);
        const stepsPerEpoch = Math.ceil(sources.train.count / batchSize);
        options.onStep?.({ ...step, progress: structuredClone(progress), stepsPerEpoch });
      },
    });
  }

  #step(x: Tensor, target: Tensor, { labels, logits: answer, mix }: TrainingBatch): StepTensors {
    const { labelSmoothing, clipNorm } = this.#parts.settings;
    const { logits, loss } = this.#precision.forward(() =>
      fineTuneLoss(answer(x), labels, { weight: this.#weight, labelSmoothing, mix, target }),
    );
    this.#optimizer.zeroGrad();
    this.#precision.backward(loss);
    this.#precision.update(() => {
      if (clipNorm !== undefined) clipGradNorm(this.#trained, clipNorm);
    });
    return { loss, predictions: argmax(logits, 1) };
  }

  /** The last evaluation, where it was of the test images with the values the model has. */
  async #finalTest(monitored: Split): Promise<Evaluation> {
    const last = this.#epochs.at(-1);
    if (monitored === 'test' && last) return last.evaluation;
    await this.#openFeed('test');
    return this.#evaluate('test');
  }

  async #evaluate(split: Split): Promise<Evaluation> {
    const { model, settings, options } = this.#parts;
    const feed = this.#feeds[split] ?? (await imagesOnly(this.#feedOptions(split)));
    const { count: total, classes } = feed.source;
    return evaluateBatches(model, this.#device, {
      ...{ total, classes: classes.length, batchSize: settings.batchSize, precision: settings.precision },
      prepare: (start, end) => feed.prepare(rangeOf(start, end), 0),
      logits: ({ logits }) => logits(),
      onBatch: (done) => options.onEvaluate?.(split, done, total),
    });
  }

  /** Opens a split's feed where it is not open yet. @returns false when stopped on the way */
  async #openFeed(split: Split): Promise<boolean> {
    if (this.#feeds[split]) return true;
    const { model, settings, frozen } = this.#parts;
    trainUnfrozen(model, frozen, settings.frozenBatchNorm);
    const feed = await openFeed(this.#feedOptions(split));
    if (!feed) return false;
    this.#feeds[split] = feed;
    this.#parts.options.onCached?.({ [split]: feed.cache });
    return true;
  }

  #feedOptions(split: Split) {
    const { model, sources, settings, options } = this.#parts;
    const source = sources[split]!;
    const used = Object.values(this.#feeds).reduce(
      (sum, { cache }) => sum + (cache.kind === 'device' ? cache.bytes : 0),
      0,
    );
    const isMixed = split === 'train' && settings.mixup > 0;
    return {
      ...{ model, device: this.#device, source, cache: settings.cache, batchSize: settings.batchSize },
      deviceBytes: settings.cacheBytes - used,
      disk: options.disk,
      obstacle: isMixed ? 'mixup mixes images, and features of mixed images are not mixed features' : undefined,
      onProgress: (images: number) => options.onCache?.(split, images, source.count),
      signal: options.signal,
    };
  }

  #closeFeeds(): void {
    for (const feed of Object.values(this.#feeds)) feed[Symbol.dispose]();
    this.#feeds = {};
  }

  /** Groups with frozen parameters, from the head to the image. */
  #frozenGroups(): LayerGroup[] {
    const isFrozen = ({ parameters }: LayerGroup) => parameters.some(({ requiresGrad }) => !requiresGrad);
    return this.#parts.groups.filter(isFrozen).reverse();
  }

  #unfreezeNext(): void {
    const [next] = this.#frozenGroups();
    if (!next) return;
    for (const module of next.modules) {
      setRequiresGrad(module, true);
      this.#parts.frozen.delete(module);
    }
    this.#closeFeeds();
    this.#reportFreeze();
  }

  #reportFreeze(): void {
    this.#parts.options.onFreeze?.(freezeReport(this.#parts.model), this.#sizes());
  }

  #sizes(): { frozen: number; trained: number } {
    const parameters = this.#parts.model.parameters();
    const sum = (wanted: boolean) =>
      parameters.reduce((total, { size, requiresGrad }) => total + (requiresGrad === wanted ? size : 0), 0);
    return { frozen: sum(false), trained: sum(true) };
  }

  #isBetter(found: Evaluation, best: Evaluation): boolean {
    if (this.#parts.settings.metric === 'loss') return found.loss < best.loss;
    return found.accuracy > best.accuracy;
  }

  #report(
    { epoch, step, current: { images, loss, right } }: Progress,
    rest: Pick<FineTuneEpoch, 'seconds' | 'evaluation' | 'isBest' | 'split'>,
  ): FineTuneEpoch {
    const totalSeconds = (performance.now() - this.#started) / 1000;
    const means = { trainLoss: loss / images, trainAccuracy: right / images };
    return { epoch, step, ...means, totalSeconds, imagesPerSecond: images / rest.seconds, ...rest };
  }
}

/** For a test after the feed's own could not be completed. */
async function imagesOnly(options: Parameters<typeof openFeed>[0]): Promise<Feed> {
  return (await openFeed({ ...options, cache: 'none' }))!;
}

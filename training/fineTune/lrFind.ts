// Which learning rate to begin with: one sweep over rates, from far too small to far too large. Smith, "Cyclical
// Learning Rates for Training Neural Networks", WACV 2017, https://arxiv.org/abs/1506.01186; the suggestion is that
// of fastai's lr_find, from losses smoothed over ten batches: fifty, as there, would point behind the descent.
import type { Dataset } from '../../datasets/dataset.ts';
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { clipGradNorm } from '../../engine/optim/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { createOptimizer } from '../recipe.ts';
import { type BatchSource, datasetSource } from './batchSource.ts';
import { BestWeights } from './bestWeights.ts';
import { checkCache, openFeed } from './feed.ts';
import { classWeights, fineTuneLoss, weightTensor } from './fineTuneLoss.ts';
import { freezeLayers, trainUnfrozen } from './freeze.ts';
import { groupRates, layerGroups } from './layerGroups.ts';
import { checkFineTuneOptions, type FineTuneOptions } from './options.ts';
import { type TrainingBatch, trainingBatches } from './trainingBatches.ts';

export interface LrFindOptions extends Omit<FineTuneOptions, 'lr' | 'numClasses' | 'epochs'> {
  /** Dotted name of the head, which has the classes of the data already (`replaceHead`). */
  head: string;
  /** The first rate. Default 1e-7. */
  startLr?: number;
  /** The last. Default 10. */
  endLr?: number;
  /** Batches, each with a rate that is a constant factor larger than the one before. Default 100. */
  steps?: number;
  onStep?: ((point: LrPoint, steps: number) => void) | undefined;
  /** While features are computed, which is done where images come more than once: images done. */
  onCache?: ((images: number, total: number) => void) | undefined;
}

export interface LrPoint {
  /** Of the head. */
  readonly lr: number;
  /** Of the batch, before its update. */
  readonly loss: number;
  /** Exponential mean of the losses so far. */
  readonly smoothed: number;
}

export interface LrFindResult {
  /** In the order of their rates. */
  readonly points: LrPoint[];
  /** Where the smoothed loss falls fastest per decade; null when it never falls. */
  readonly suggestion: number | null;
  /** Whether the loss exploded before the last rate. */
  readonly isDiverged: boolean;
}

/** Weight of the past in the smoothed loss. */
const SMOOTHING = 0.9;
/** A smoothed loss so many times its lowest has exploded. */
const DIVERGED = 4;
/** As fastai: the first points are hardly smoothed, the last ones lie where the loss explodes. */
const SKIP_START = 10;
const SKIP_END = 5;

/**
 * Trains over growing learning rates with what `fineTune` would do (frozen layers, rates of groups, mixup, …), then puts
 * model, modes, frozen flags and random state back.
 * @throws ShapeError as `fineTune`, and for a range that is none
 */
export async function lrFind(
  model: AnyModule,
  data: { train: BatchSource | Dataset },
  { head, startLr = 1e-7, endLr = 10, steps = 100, onStep, onCache, ...options }: LrFindOptions,
): Promise<LrFindResult> {
  const isRange = Number.isFinite(startLr) && startLr > 0 && Number.isFinite(endLr) && endLr > startLr;
  if (!isRange || !Number.isSafeInteger(steps) || steps < 2) {
    throw new ShapeError(
      `lrFind: needs 0 < startLr < endLr and at least 2 steps, given ${startLr}, ${endLr}, ${steps}`,
    );
  }
  const settings = checkFineTuneOptions(options);
  checkCache(options);
  const { device, disk, signal } = options;
  const source = 'images' in data.train ? datasetSource(data.train) : data.train;
  const { cache, cacheBytes: deviceBytes, batchSize } = settings;
  const obstacle =
    settings.mixup > 0 ? 'mixup' : source.count >= steps * batchSize ? 'no image is seen twice' : undefined;
  const groups = layerGroups(model, head);
  const ratios = groupRates(groups, settings).map((rate) => rate / settings.lr);
  using _ = await remember(model, device);
  const frozen = freezeLayers(model, settings.freeze, head);
  trainUnfrozen(model, frozen, settings.frozenBatchNorm);
  device.manualSeed(settings.seed);
  const paramGroups = groups
    .map(({ parameters }, i) => ({ params: parameters.filter((each) => each.requiresGrad), lr: startLr * ratios[i] }))
    .filter(({ params }) => params.length)
    .reverse();
  const weight = weightTensor(device, classWeights(settings.classWeights, source));
  const optimizer = createOptimizer({ ...settings, lr: startLr }, paramGroups);
  const factors = optimizer.paramGroups.map(({ lr }) => lr / startLr);
  const points: LrPoint[] = [];
  const growth = (endLr / startLr) ** (1 / (steps - 1));
  const onProgress = (images: number) => onCache?.(images, source.count);
  const where = { cache, deviceBytes, disk, obstacle };
  const feed = await openFeed({ model, device, source, batchSize, ...where, onProgress, signal });
  let [mean, lowest, isDiverged] = [0, Number.POSITIVE_INFINITY, false];
  try {
    for (let epoch = 0; feed && points.length < steps && !isDiverged && !signal?.aborted; epoch++) {
      for await (const batch of trainingBatches(feed, { ...settings, epoch })) {
        const lr = startLr * growth ** points.length;
        optimizer.paramGroups.forEach((group, i) => {
          group.lr = lr * factors[i];
        });
        const loss = await step(batch);
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
        const smoothed = mean / (1 - SMOOTHING ** (points.length + 1));
        lowest = Math.min(lowest, smoothed);
        points.push({ lr, loss, smoothed });
        onStep?.(points.at(-1)!, steps);
        isDiverged = !(smoothed <= DIVERGED * lowest);
        if (points.length === steps || isDiverged || signal?.aborted) break;
      }
    }
  } finally {
    feed?.[Symbol.dispose]();
    optimizer.dispose();
    weight?.dispose();
  }
  return { points, suggestion: steepest(points), isDiverged };

  /** Enqueued when it returns; its loss, once it is known. */
  function step({ labels, logits, mix }: TrainingBatch): Promise<number> {
    using _ = device.scope();
    const { loss } = fineTuneLoss(logits(), labels, { weight, labelSmoothing: settings.labelSmoothing, mix });
    optimizer.zeroGrad();
    loss.backward();
    const { clipNorm } = settings;
    if (clipNorm !== undefined)
      clipGradNorm(
        paramGroups.flatMap(({ params }) => params),
        clipNorm,
      );
    optimizer.step();
    return loss.item();
  }
}

/** The rate at the steepest descent of the smoothed loss over the logarithm of the rate. */
function steepest(points: readonly LrPoint[]): number | null {
  const usable = points.filter(({ smoothed }) => Number.isFinite(smoothed));
  const considered = usable.length > SKIP_START + SKIP_END + 2 ? usable.slice(SKIP_START, -SKIP_END) : usable;
  let best: { slope: number; lr: number } | undefined;
  for (let i = 1; i + 1 < considered.length; i++) {
    const [before, { lr }, behind] = considered.slice(i - 1, i + 2);
    const slope = (behind.smoothed - before.smoothed) / Math.log(behind.lr / before.lr);
    if (slope < (best?.slope ?? 0)) best = { slope, lr };
  }
  return best?.lr ?? null;
}

/** All that the sweep changes, put back at its end. */
async function remember(model: AnyModule, device: Device): Promise<Disposable> {
  const values = new BestWeights(model, model.parameters());
  await values.take();
  const flags = model.parameters().map((parameter) => [parameter, parameter.requiresGrad] as const);
  const modes = model.modules().map((module) => [module, module.training] as const);
  const { seed, counter } = device.random;
  return {
    [Symbol.dispose]() {
      values.restore();
      for (const [parameter, requiresGrad] of flags) parameter.requiresGrad = requiresGrad;
      for (const [module, training] of modes) module.training = training;
      Object.assign(device.random, { seed, counter });
    },
  };
}

// What can be said about a fine-tuning, its defaults, and the check of all of it before anything starts.
import type { Device } from '../../engine/device.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { OPTIMIZERS, type Recipe, SCHEDULERS } from '../recipe.ts';
import { PRECISIONS, type Precision } from '../stepPrecision.ts';
import type { FeatureDisk } from './featureStore.ts';
import type { CacheKind } from './feed.ts';
import type { Freeze, FrozenBatchNorm } from './freeze.ts';

export interface FineTuneOptions extends Partial<Recipe> {
  device: Device;
  /** Dotted name of the layer that gives the logits, as `ModelEntry.head`. Default: the last layer with parameters. */
  head?: string | undefined;
  /** Replaces the head by one of so many classes (`replaceHead`). Default: the head stays. */
  numClasses?: number | undefined;
  /** Default `backbone`: only the head is trained. */
  freeze?: Freeze;
  /** Of frozen batch norms. Default `eval`: their running statistics are used, and do not change. */
  frozenBatchNorm?: FrozenBatchNorm;
  /** Default 5. */
  epochs?: number;
  /** Default 64. */
  batchSize?: number;
  /** Of the new head's values, the order of the images, dropout and augmentation. Default 0. */
  seed?: number;
  /** A group's learning rate is its successor's times this; the head has `lr`. Default 0.8; 1 for a head alone. */
  lrDecay?: number;
  /** Learning rates of groups by the beginning of their names: `{ features: 1e-4 }`. Default: by `lrDecay`. */
  rates?: Readonly<Record<string, number>>;
  /** Frees the next group, from the head to the image, after every so many epochs. Default: never. */
  unfreezeEvery?: number | undefined;
  /** Share of the training images that is held out for validation, where `data` has none. Default 0. */
  validationShare?: number;
  /** Ends once the validation has not improved for so many epochs in a row. Needs validation images. Default: never. */
  patience?: number | undefined;
  /** What improves. Default `accuracy`. */
  metric?: 'accuracy' | 'loss';
  /** Weights of the classes in the loss; `balanced` counts each class as much as the others. Default: 1 each. */
  classWeights?: 'balanced' | readonly number[] | undefined;
  /** alpha of the Beta distribution of mixup; 0 is none. Default 0. */
  mixup?: number;
  /** Share of the target spread over all classes. Default 0. */
  labelSmoothing?: number;
  /** Largest Euclidean norm of the gradient. Default: no limit. */
  clipNorm?: number | undefined;
  /** `float16`: activations in half precision, with loss scaling; weights stay float32. Default `float32`. */
  precision?: Precision;
  /** Where features of a frozen trunk are kept. Default `auto`. */
  cache?: CacheKind | 'auto';
  /** Features up to so many bytes are kept on the device by `auto`, more on the disk. Default 512 MiB. */
  cacheBytes?: number;
  /** Default: none; that of `wgrad/training/node` uses the folder for temporary files. */
  disk?: FeatureDisk | undefined;
  /** Stops after the step under way. */
  signal?: AbortSignal | undefined;
}

/** All options with their defaults filled in. */
export type FineTuneSettings = Required<
  Pick<
    FineTuneOptions,
    | ('freeze' | 'frozenBatchNorm' | 'epochs' | 'batchSize' | 'seed' | 'lrDecay' | 'rates' | 'validationShare')
    | ('metric' | 'mixup' | 'labelSmoothing' | 'cache' | 'cacheBytes' | 'precision')
  >
> &
  Recipe &
  Pick<FineTuneOptions, 'unfreezeEvery' | 'patience' | 'classWeights' | 'clipNorm'>;

/**
 * Pretrained layers learn slower the earlier they come, so that they do not forget while the new head still guesses:
 * SqueezeNet 1.1 on 10,000 images of CIFAR-10 at 96 pixels gets 80 % right after two epochs, with one rate for all 67 %.
 */
const PRETRAINED_DECAY = 0.8;

/** The recipe of a fine-tuning where nothing is said: Adam with the chapter's rate. */
export function fineTuneRecipe(optimizer: Recipe['optimizer'] = 'adam'): Recipe {
  return {
    optimizer,
    lr: { sgd: 0.01, adam: 1e-3, adamw: 1e-3, rmsprop: 1e-4 }[optimizer],
    momentum: { sgd: 0.9, adam: null, adamw: null, rmsprop: 0 }[optimizer],
    weightDecay: optimizer === 'adamw' ? 0.01 : 0,
    scheduler: 'cosine',
    warmup: 0,
  };
}

/** @throws ShapeError naming the option, what was given and what would be right */
export function checkFineTuneOptions(options: Omit<FineTuneOptions, 'device'>): FineTuneSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const freeze = options.freeze ?? 'backbone';
  if (options.optimizer !== undefined) oneOf('optimizer', options.optimizer, OPTIMIZERS);
  const defaults = {
    frozenBatchNorm: 'eval',
    epochs: 5,
    batchSize: 64,
    seed: 0,
    lrDecay: freeze === 'backbone' ? 1 : PRETRAINED_DECAY,
    rates: {},
    validationShare: 0,
    metric: 'accuracy',
    mixup: 0,
    labelSmoothing: 0,
    cache: 'auto',
    cacheBytes: 2 ** 29,
    precision: 'float32',
  } as const;
  const settings = { ...defaults, ...fineTuneRecipe(options.optimizer), ...given, freeze } as FineTuneSettings;
  oneOf('scheduler', settings.scheduler, SCHEDULERS);
  oneOf('frozenBatchNorm', settings.frozenBatchNorm, ['eval', 'train']);
  oneOf('precision', settings.precision, PRECISIONS);
  oneOf('metric', settings.metric, ['accuracy', 'loss']);
  oneOf('cache', settings.cache, ['auto', 'device', 'disk', 'none']);
  for (const name of ['epochs', 'batchSize'] as const) number(name, settings[name], { low: 1, isInteger: true });
  for (const name of ['seed', 'warmup'] as const) number(name, settings[name], { low: 0, isInteger: true });
  for (const name of ['unfreezeEvery', 'patience'] as const) {
    if (settings[name] !== undefined) number(name, settings[name], { low: 1, isInteger: true });
  }
  number('lr', settings.lr, { above: 0 });
  number('lrDecay', settings.lrDecay, { above: 0, high: 1 });
  for (const [prefix, rate] of Object.entries(settings.rates)) number(`rates['${prefix}']`, rate, { low: 0 });
  number('weightDecay', settings.weightDecay, { low: 0 });
  if (settings.momentum !== null) number('momentum', settings.momentum, { low: 0 });
  number('mixup', settings.mixup, { low: 0 });
  number('labelSmoothing', settings.labelSmoothing, { low: 0, high: 1 });
  number('validationShare', settings.validationShare, { low: 0, high: 0.9 });
  number('cacheBytes', settings.cacheBytes, { low: 0 });
  if (settings.clipNorm !== undefined) number('clipNorm', settings.clipNorm, { above: 0 });
  if (settings.unfreezeEvery !== undefined && freeze === 'none') {
    throw new ShapeError(
      'fineTune: unfreezeEvery needs frozen layers to free: use it with freeze backbone or until:LAYER',
    );
  }
  if (settings.mixup > 0 && (settings.cache === 'device' || settings.cache === 'disk')) {
    throw new ShapeError(
      `fineTune: mixup mixes images, and the features of mixed images cannot be kept: leave mixup or cache '${settings.cache}' out`,
    );
  }
  return settings;
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new ShapeError(`fineTune: ${name} must be one of ${known.join(', ')}, given ${value}`);
}

interface Range {
  low?: number;
  above?: number;
  high?: number;
  isInteger?: boolean;
}

function number(
  name: string,
  value: number,
  { low = Number.NEGATIVE_INFINITY, above, high, isInteger = false }: Range,
) {
  const isAbove = above === undefined ? value >= low : value > above;
  const isRight = Number.isFinite(value) && isAbove && value <= (high ?? Number.POSITIVE_INFINITY);
  if (isRight && (!isInteger || Number.isSafeInteger(value))) return;
  const range = above === undefined ? `of at least ${low}` : `above ${above}`;
  const end = high === undefined ? '' : ` and at most ${high}`;
  throw new ShapeError(
    `fineTune: ${name} must be ${isInteger ? 'an integer' : 'a number'} ${range}${end}, given ${value}`,
  );
}

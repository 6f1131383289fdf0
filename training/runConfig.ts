// Everything that decides what a training run computes, as plain JSON: kept in its checkpoint, so that a run resumes
// without being told again.
import { shown } from '../datasets/shown.ts';
import { FormatError } from '../kernels/errors.ts';
import { NON_FINITE_POLICIES, type NonFinitePolicy } from './nonFinite.ts';
import { OPTIMIZERS, type Recipe, SCHEDULERS } from './recipe.ts';
import { PRECISIONS, type Precision } from './stepPrecision.ts';

export const DATASETS = [
  'mnist',
  'fashion-mnist',
  'emnist-byclass',
  'emnist-bymerge',
  'emnist-balanced',
  'emnist-letters',
  'emnist-digits',
  'emnist-mnist',
  'cifar10',
  'cifar100',
  'cifar100-coarse',
  'glyphs',
] as const;

export interface RunConfig extends Recipe {
  /** A name of `listModels()`. */
  model: string;
  dataset: (typeof DATASETS)[number];
  /** Folder of the data set's files; null for generated ones. */
  data: string | null;
  epochs: number;
  batchSize: number;
  /** Batches whose mean gradient makes one update. Runs made before there was a choice have none: 1. */
  accumulate?: number;
  seed: number;
  /** Trains on the first `limit` images only; null: on all. */
  limit: number | null;
  /** How many ranks trained together, each with batches of `batchSize`. Runs of one process have none. */
  ranks?: number;
  /** Whether batch norm looks at the images of all ranks. Default: at its own. */
  syncBatchNorm?: boolean;
  /** Runs made before there was a choice have none: float32. */
  precision?: Precision;
  /** See `TrainOptions`. Runs made before there was a choice have none: `stop`. */
  nonFinite?: NonFinitePolicy;
}

/**
 * Checks a configuration that was read from a file.
 * @throws FormatError naming the field, what was found and what was expected
 */
export function checkRunConfig(where: string, value: unknown): RunConfig {
  const config = (value ?? {}) as Record<keyof RunConfig, unknown>;
  const expect = (name: keyof RunConfig, expected: string, isRight: boolean) => {
    if (isRight) return;
    throw new FormatError(`${where}: ${name} must be ${expected}, found ${shown(config[name], 'nothing')}`);
  };
  const oneOf = (name: keyof RunConfig, known: readonly string[]) =>
    expect(name, `one of ${known.join(', ')}`, known.includes(config[name] as string));
  expect('model', 'a text', typeof config.model === 'string');
  oneOf('dataset', DATASETS);
  oneOf('optimizer', OPTIMIZERS);
  oneOf('scheduler', SCHEDULERS);
  expect('data', 'a folder or null', config.data === null || typeof config.data === 'string');
  for (const name of ['epochs', 'batchSize'] as const) expect(name, 'a positive integer', isCount(config[name], 1));
  for (const name of ['seed', 'warmup'] as const) expect(name, 'an integer of at least 0', isCount(config[name], 0));
  expect('limit', 'a positive integer or null', config.limit === null || isCount(config.limit, 1));
  for (const name of ['lr', 'weightDecay'] as const) expect(name, 'a number', Number.isFinite(config[name]));
  expect('momentum', 'a number or null', config.momentum === null || Number.isFinite(config.momentum));
  if (config.accumulate !== undefined) expect('accumulate', 'a positive integer', isCount(config.accumulate, 1));
  if (config.ranks !== undefined) expect('ranks', 'a positive integer', isCount(config.ranks, 1));
  if (config.precision !== undefined) oneOf('precision', PRECISIONS);
  if (config.nonFinite !== undefined) oneOf('nonFinite', NON_FINITE_POLICIES);
  return config as unknown as RunConfig;
}

function isCount(value: unknown, low: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= low;
}

// What a fine-tuning is given, what it reports on the way, and what comes out.
import type { Dataset } from '../../datasets/dataset.ts';
import type { Evaluation } from '../evaluate.ts';
import type { Progress } from '../progress.ts';
import type { BatchSource } from './batchSource.ts';
import type { CacheReport } from './feed.ts';

export interface FineTuneData {
  train: BatchSource | Dataset;
  test: BatchSource | Dataset;
  /** Chooses the best epoch, and when to stop. Default: a share of `train`, see `validationShare`. */
  validation?: BatchSource | Dataset | undefined;
}

export interface FineTuneCallbacks {
  /** Before the first test, and whenever layers were freed: which layers are frozen now. */
  onFreeze?: ((lines: string[], sizes: { frozen: number; trained: number }) => void) | undefined;
  /** While features are computed: images done of a split. */
  onCache?: ((split: Split, images: number, total: number) => void) | undefined;
  /** What became of caching, for each split, whenever the frozen part changed. */
  onCached?: ((caches: Readonly<Record<string, CacheReport>>) => void) | undefined;
  /** The test before training. */
  onBefore?: ((test: Evaluation) => void) | undefined;
  onStep?: ((step: FineTuneStep) => void) | undefined;
  onEpoch?: ((epoch: FineTuneEpoch) => void) | undefined;
  /** Awaited after each epoch that is the best so far (without validation: each): the model holds its values. */
  onBest?: ((epoch: FineTuneEpoch) => Promise<void>) | undefined;
  /** During tests and validations: images done. */
  onEvaluate?: ((split: Split, images: number, total: number) => void) | undefined;
}

export type Split = 'train' | 'validation' | 'test';

export interface FineTuneStep {
  progress: Progress;
  stepsPerEpoch: number;
  loss: number;
  /** Of the head. */
  lr: number;
}

export interface FineTuneEpoch {
  /** Counted from 1. */
  epoch: number;
  /** Steps since the start. */
  step: number;
  trainLoss: number;
  /** Of each batch before its update; of mixed images, whether the larger part's own label was found. */
  trainAccuracy: number;
  /** Seconds of this epoch's training, the computing of features included, tests not. */
  seconds: number;
  /** Wall clock since the start. */
  totalSeconds: number;
  imagesPerSecond: number;
  /** What was looked at after the epoch. */
  split: 'validation' | 'test';
  evaluation: Evaluation;
  /** Whether it is the best so far; always, where nothing is chosen because there is no validation. */
  isBest: boolean;
}

export interface FineTuneResult {
  /** With the new head, before training. */
  before: Evaluation;
  /** With the values the model has now; absent when stopped. */
  test?: Evaluation;
  epochs: FineTuneEpoch[];
  /** The epoch whose values the model has: the best by validation, else the last; 0 when none was finished. */
  bestEpoch: number;
  /** Whether `signal` ended it. */
  isStopped: boolean;
  /** Whether patience ended it. */
  isEarly: boolean;
  /** Learned values that never changed, and that did. */
  frozenParameters: number;
  trainedParameters: number;
  /** What became of caching the training images' features, at the end. */
  cache: CacheReport;
  seconds: number;
}

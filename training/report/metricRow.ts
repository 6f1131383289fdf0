// What a run measures: rows of metrics.jsonl, which charts and reports are drawn from.

/** One row of metrics.jsonl. Losses are means per sample; accuracies are fractions of 1; NaN is written as null. */
export type MetricRow = StepRow | EpochRow;

/** After each training step. */
export interface StepRow {
  kind: 'step';
  /** Optimizer steps since the start of the run, this one included: 1, 2, … */
  step: number;
  /** The epoch this step belongs to: 1, 2, … */
  epoch: number;
  loss: number;
  lr: number;
  /** Since the start of the run, pauses between resumed parts not counted. */
  seconds: number;
}

/** After each epoch, with the test or validation that follows it. */
export interface EpochRow {
  kind: 'epoch';
  epoch: number;
  /** The last step of the epoch. */
  step: number;
  trainLoss: number;
  trainAccuracy?: number;
  testLoss: number;
  testAccuracy: number;
  /** The images that testLoss and testAccuracy are of. Default `test`. */
  split?: 'test' | 'validation';
  /** Training only, the test not counted. */
  imagesPerSecond: number;
  seconds: number;
}

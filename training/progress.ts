// How far a training run has come: plain numbers, saved in every checkpoint.

export interface Progress {
  /** Finished epochs. */
  epoch: number;
  /** Batches done of the epoch under way. */
  batch: number;
  /** Optimizer steps. */
  step: number;
  /** Images trained on, repetitions counted. */
  images: number;
  /** Wall clock of all parts of the run, evaluation included. */
  seconds: number;
  /** The part of `seconds` spent in training steps. */
  trainingSeconds: number;
  /** Sums over the epoch under way. */
  current: EpochSums;
  best: { epoch: number; testAccuracy: number } | null;
}

export interface EpochSums {
  images: number;
  /** Sum of the losses of all images. */
  loss: number;
  /** Images classified right. */
  right: number;
  seconds: number;
}

export function startOfRun(): Progress {
  return {
    epoch: 0,
    batch: 0,
    step: 0,
    images: 0,
    seconds: 0,
    trainingSeconds: 0,
    current: startOfEpoch(),
    best: null,
  };
}

export function startOfEpoch(): EpochSums {
  return { images: 0, loss: 0, right: 0, seconds: 0 };
}

// In which order, how often, and whether at all the samples of a data set are visited.

/** The most indices an epoch may have: four bytes each are held in memory. */
export const MAX_DRAWS = 2 ** 30;

/**
 * What `DataLoader` asks for the order of an epoch, after torch.utils.data.Sampler. It has no state: the same seed and
 * epoch give the same order in every process, so a run resumes anywhere.
 */
export interface Sampler {
  /** Indices per epoch, the same in every epoch. */
  readonly count: number;
  /** @returns `count` indices into the data set */
  order(seed: number, epoch: number): Uint32Array;
}

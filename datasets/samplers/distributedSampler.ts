// Each of several processes sees its own share of the epoch.
import { ShapeError } from '../../kernels/errors.ts';
import { checkInteger } from '../loader/checkInteger.ts';
import { RandomSampler } from './randomSampler.ts';
import { MAX_DRAWS, type Sampler } from './sampler.ts';
import { SequentialSampler } from './sequentialSampler.ts';

export interface DistributedSamplerOptions {
  /** How many processes share the epoch. */
  readonly numReplicas: number;
  /** Which of them this is, from 0. */
  readonly rank: number;
  /** Shuffles the whole before it is shared out, with the loader's seed, the same in every process. Default true. */
  readonly shuffle?: boolean;
  /** Leaves out the last samples where they do not suffice for all, instead of repeating the first. Default false. */
  readonly dropLast?: boolean;
}

/**
 * As torch.utils.data.DistributedSampler: rank r takes the places r, r + N, r + 2N, … of the epoch's order, which is
 * first made a multiple of N long by repeating its beginning (or by `dropLast`), so that all ranks have equally many.
 * @throws ShapeError
 */
export class DistributedSampler implements Sampler {
  readonly count: number;
  readonly numReplicas: number;
  readonly rank: number;
  readonly #whole: Sampler;

  /** @param size samples in the data set */
  constructor(size: number, { numReplicas, rank, shuffle = true, dropLast = false }: DistributedSamplerOptions) {
    checkInteger('DistributedSampler: size', size, { low: 1, high: MAX_DRAWS });
    checkInteger('DistributedSampler: numReplicas', numReplicas, { low: 1, high: MAX_DRAWS });
    checkInteger('DistributedSampler: rank', rank, { high: numReplicas - 1 });
    this.count = dropLast ? Math.floor(size / numReplicas) : Math.ceil(size / numReplicas);
    if (this.count === 0) {
      throw new ShapeError(
        `DistributedSampler: dropLast leaves nothing of ${size} samples for ${numReplicas} replicas`,
      );
    }
    this.numReplicas = numReplicas;
    this.rank = rank;
    this.#whole = shuffle ? new RandomSampler(size) : new SequentialSampler(size);
  }

  order(seed: number, epoch: number): Uint32Array {
    const whole = this.#whole.order(seed, epoch);
    // modulo repeats the beginning, as often as it takes
    return new Uint32Array(this.count).map((_, i) => whole[(this.rank + i * this.numReplicas) % whole.length]!);
  }
}

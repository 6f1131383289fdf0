// Some of the samples, shuffled anew in each epoch.
import { checkInteger } from '../loader/checkInteger.ts';
import { Random } from '../random.ts';
import { MAX_DRAWS, type Sampler } from './sampler.ts';

/** As torch.utils.data.SubsetRandomSampler: the given indices without replacement. @throws ShapeError */
export class SubsetRandomSampler implements Sampler {
  readonly count: number;
  readonly #indices: Uint32Array;

  constructor(indices: ArrayLike<number>) {
    this.count = indices.length;
    checkInteger('SubsetRandomSampler: the number of indices', this.count, { low: 1, high: MAX_DRAWS });
    for (let i = 0; i < indices.length; i++) {
      checkInteger(`SubsetRandomSampler: indices[${i}]`, indices[i]!, { high: 0xffffffff });
    }
    this.#indices = Uint32Array.from(indices);
  }

  order(seed: number, epoch: number): Uint32Array {
    return new Random(seed, epoch).shuffle(this.#indices.slice());
  }
}

// Every sample once in a new order, or draws with replacement.
import { checkInteger } from '../loader/checkInteger.ts';
import { Random } from '../random.ts';
import { MAX_DRAWS, type Sampler } from './sampler.ts';

export interface RandomSamplerOptions {
  /** Draws each index from the whole data set, so that some come twice and some never. Default false. */
  readonly replacement?: boolean;
  /** Indices per epoch, default `count`. Without replacement, more than `count` begin another shuffled pass. */
  readonly numSamples?: number;
}

/** As torch.utils.data.RandomSampler. @throws ShapeError */
export class RandomSampler implements Sampler {
  readonly count: number;
  readonly replacement: boolean;
  readonly #size: number;

  /** @param size samples in the data set */
  constructor(size: number, { replacement = false, numSamples = size }: RandomSamplerOptions = {}) {
    checkInteger('RandomSampler: size', size, { low: 1, high: MAX_DRAWS });
    checkInteger('RandomSampler: numSamples', numSamples, { low: 1, high: MAX_DRAWS });
    this.#size = size;
    this.replacement = replacement;
    this.count = numSamples;
  }

  order(seed: number, epoch: number): Uint32Array {
    const random = new Random(seed, epoch);
    const order = new Uint32Array(this.count);
    if (this.replacement) return order.map(() => random.integer(this.#size));
    for (let from = 0; from < order.length; from += this.#size) {
      const pass = random.shuffle(Uint32Array.from({ length: this.#size }, (_, i) => i));
      order.set(pass.subarray(0, order.length - from), from);
    }
    return order;
  }
}

// The random numbers of one sample in one epoch: the same whichever thread draws them, and in whatever order.
import { Random } from '../random.ts';

/**
 * The random numbers of one sample in one epoch, whichever thread draws them.
 * @param index the sample's place in the data set, below 2^32
 */
export function sampleRandom(seed: number, epoch: number, index: number): Random {
  // streams below 2^32 are the epochs' own, which shuffle
  return new Random(seed, (epoch + 1) * 2 ** 32 + index);
}

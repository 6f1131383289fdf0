// Samples drawn in proportion to weights: the usual cure for classes of unequal size.
import { ShapeError } from '../../kernels/errors.ts';
import { checkInteger } from '../loader/checkInteger.ts';
import { Random } from '../random.ts';
import { MAX_DRAWS, type Sampler } from './sampler.ts';

export interface WeightedRandomSamplerOptions {
  /** Default true; without it a sample that was drawn is out for the rest of the epoch. */
  readonly replacement?: boolean;
}

/**
 * As torch.utils.data.WeightedRandomSampler: `numSamples` draws an epoch, each sample with a probability in proportion
 * to its weight; weights need not sum to one.
 * @throws ShapeError for weights that are negative, not finite or all zero, and for more draws without replacement than
 *   there are samples of a positive weight
 */
export class WeightedRandomSampler implements Sampler {
  readonly count: number;
  readonly replacement: boolean;
  readonly #tree: Float64Array;

  /** @param weights one for each sample of the data set */
  constructor(
    weights: ArrayLike<number>,
    numSamples: number,
    { replacement = true }: WeightedRandomSamplerOptions = {},
  ) {
    checkInteger('WeightedRandomSampler: the number of weights', weights.length, { low: 1, high: MAX_DRAWS });
    checkInteger('WeightedRandomSampler: numSamples', numSamples, { low: 1, high: MAX_DRAWS });
    this.#tree = sumTree(weights);
    const positive = this.#tree.subarray(this.#tree.length / 2).filter((weight) => weight > 0).length;
    if (!replacement && numSamples > positive) {
      throw new ShapeError(
        `WeightedRandomSampler: without replacement ${numSamples} samples cannot be drawn from the ${positive} with a positive weight`,
      );
    }
    this.count = numSamples;
    this.replacement = replacement;
  }

  order(seed: number, epoch: number): Uint32Array {
    const random = new Random(seed, epoch);
    const tree = this.replacement ? this.#tree : this.#tree.slice();
    return new Uint32Array(this.count).map(() => {
      const index = find(tree, random.uniform(0, tree[1]));
      if (!this.replacement) remove(tree, index);
      return index;
    });
  }
}

/** A complete binary tree in an array: node i has the children 2i and 2i + 1 and holds their sum, the root is node 1. */
function sumTree(weights: ArrayLike<number>): Float64Array {
  const leaves = 2 ** Math.ceil(Math.log2(weights.length));
  const tree = new Float64Array(2 * leaves);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!(Number.isFinite(weight) && weight >= 0)) {
      throw new ShapeError(`WeightedRandomSampler: weights[${i}] must be a finite number of at least 0, not ${weight}`);
    }
    tree[leaves + i] = weight;
  }
  for (let node = leaves - 1; node >= 1; node--) tree[node] = tree[2 * node]! + tree[2 * node + 1]!;
  if (!(tree[1]! > 0 && Number.isFinite(tree[1]))) {
    throw new ShapeError(`WeightedRandomSampler: the weights must have a positive finite sum, not ${tree[1]}`);
  }
  return tree;
}

/** The leaf in which `at` falls, when the weights lie side by side; never one of weight zero, however it rounds. */
function find(tree: Float64Array, at: number): number {
  const leaves = tree.length / 2;
  let rest = at;
  let node = 1;
  while (node < leaves) {
    const left = tree[2 * node]!;
    const goesLeft = rest < left || tree[2 * node + 1] === 0;
    if (!goesLeft) rest -= left;
    node = 2 * node + (goesLeft ? 0 : 1);
  }
  return node - leaves;
}

/** Sums are taken anew on the way up, not subtracted, so that nothing is left of what was removed. */
function remove(tree: Float64Array, index: number): void {
  let node = tree.length / 2 + index;
  tree[node] = 0;
  for (node >>= 1; node >= 1; node >>= 1) tree[node] = tree[2 * node]! + tree[2 * node + 1]!;
}

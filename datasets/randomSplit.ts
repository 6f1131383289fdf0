// A data set in several parts that share no sample: training and validation.
import { ShapeError } from '../kernels/errors.ts';
import type { Dataset } from './dataset.ts';
import type { ImageDataset } from './imageDataset.ts';
import { Random } from './random.ts';
import { subset } from './subset.ts';

export interface RandomSplitOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Gives each part its share of every class, to within a sample or two. Default false. */
  readonly stratified?: boolean;
}

/**
 * As torch.utils.data.random_split: every sample in exactly one part, chosen and ordered at random.
 * @param sizes numbers of samples that sum to the data set's, or fractions that sum to one (rounded down; what is left
 *   goes to the parts in turn, from the first)
 * @throws ShapeError for sizes that fit neither, an empty part, or a stratified split of a data set without labels
 */
export function randomSplit(dataset: Dataset, sizes: readonly number[], options?: RandomSplitOptions): Dataset[];
export function randomSplit<Target>(
  dataset: ImageDataset<Target>,
  sizes: readonly number[],
  options?: RandomSplitOptions,
): ImageDataset<Target>[];
export function randomSplit<Target>(
  dataset: Dataset | ImageDataset<Target>,
  sizes: readonly number[],
  { seed = 0, stratified = false }: RandomSplitOptions = {},
): (Dataset | ImageDataset<Target>)[] {
  const lengths = lengthsOf(dataset, sizes);
  const random = new Random(seed);
  const order = random.shuffle(Uint32Array.from({ length: dataset.count }, (_, i) => i));
  const parts = stratified ? dealByClass(order, lengths, labelsOf(dataset)) : cut(order, lengths);
  if (stratified) for (const part of parts) random.shuffle(part);
  return parts.map((part) => ('get' in dataset ? subset(dataset, part) : subset(dataset, part)));
}

function lengthsOf({ name, count }: { name: string; count: number }, sizes: readonly number[]): number[] {
  const sum = sizes.reduce((total, size) => total + size, 0);
  const areFractions = Math.abs(sum - 1) < 1e-9 && sizes.every((size) => size >= 0);
  const lengths = areFractions ? sizes.map((size) => Math.floor(count * size)) : sizes.slice();
  if (areFractions) {
    const rest = count - lengths.reduce((total, length) => total + length, 0);
    for (let i = 0; i < rest; i++) lengths[i % lengths.length]!++;
  }
  const given = `[${sizes.join(', ')}]`;
  if (!areFractions && !(sum === count && sizes.every((size) => Number.isInteger(size) && size >= 0))) {
    throw new ShapeError(
      `randomSplit: sizes must be whole numbers that sum to the ${count} samples of ${name}, or fractions that sum to 1, not ${given}`,
    );
  }
  const empty = lengths.indexOf(0);
  if (empty >= 0)
    throw new ShapeError(`randomSplit: ${given} of the ${count} samples of ${name} leave part ${empty} empty`);
  return lengths;
}

function labelsOf({ name, labels }: Dataset | ImageDataset<unknown>): ArrayLike<number> {
  if (labels) return labels;
  throw new ShapeError(`randomSplit: ${name} has no labels to stratify by`);
}

function cut(order: Uint32Array, lengths: readonly number[]): Uint32Array[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return order.subarray(end - length, end);
  });
}

/** Class after class, each sample to the part that is furthest behind its share and not yet full. */
function dealByClass(order: Uint32Array, lengths: readonly number[], labels: ArrayLike<number>): Uint32Array[] {
  const byClass = order.toSorted((a, b) => labels[a]! - labels[b]!); // stable: shuffled within each class
  const parts = lengths.map((length) => new Uint32Array(length));
  const filled = lengths.map(() => 0);
  for (const [i, index] of byClass.entries()) {
    const behind = lengths.map((length, part) => {
      const isFull = filled[part] === length;
      return isFull ? Number.NEGATIVE_INFINITY : (length * (i + 1)) / order.length - filled[part]!;
    });
    const part = behind.indexOf(Math.max(...behind));
    parts[part]![filled[part]!++] = index;
  }
  return parts;
}

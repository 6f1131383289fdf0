// Random reductions for the cases of sum, mean, max and argmax: any rank, any dimensions, long and short ones.
import type { Draw } from '../reference.ts';
import type { ReduceOptions } from './dims.ts';

/** A shape of rank 1 … 6 with at most about 15,000 elements. */
export function drawShape({ integer, chance }: Draw): number[] {
  const rank = integer(1, 6);
  const largest = [9000, 110, 21, 10, 6, 4][rank - 1];
  return Array.from({ length: rank }, () => (chance(0.15) ? 1 : integer(1, largest)));
}

/** One dimension, several, or all; counted from either end. */
export function drawReduction(draw: Draw, rank: number): ReduceOptions {
  const { integer, chance, pick } = draw;
  const keepDim = pick(true, false, undefined);
  const either = (i: number) => (chance(0.5) ? i : i - rank);
  if (chance(0.2)) return { keepDim };
  if (chance(0.4)) return { dim: either(integer(0, rank - 1)), keepDim };
  const dims = Array.from({ length: rank }, (_, i) => i).filter(() => chance(0.5));
  return { dim: dims.map(either), keepDim };
}

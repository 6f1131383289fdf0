// Draws that the mutators have in common.
import type { Random } from '../../../datasets/random.ts';

/** A whole number from 0 to `count - 1`; 0 where there is none. */
export function below(random: Random, count: number): number {
  return count < 1 ? 0 : Math.floor((random.uint32() / 2 ** 32) * count);
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[below(random, items.length)]!;
}

export function chance(random: Random, probability: number): boolean {
  return random.uint32() < probability * 2 ** 32;
}

// A random problem as the list of choices that made it: fast-check shrinks the list, and the same room's `draw` reads it
// again. Zero is every choice's simplest outcome: the lowest integer, the first value, `false`.
// The idea is Hypothesis's: MacIver and Donaldson, Test-Case Reduction via Test-Case Generation, 2020.
import type { Draw } from '../../../kernels/reference.ts';

/** A `Draw` that notes each choice in `made`. */
export function recording(uniform: () => number, made: number[]): Draw {
  const choose = (count: number) => {
    const choice = Math.floor(uniform() * count);
    made.push(choice);
    return choice;
  };
  return {
    integer: (low, high) => low + choose(high - low + 1),
    pick: (...values) => values[choose(values.length)],
    chance: (probability) => {
      const isSo = uniform() < probability;
      made.push(Number(isSo));
      return isSo;
    },
  };
}

/** A `Draw` that follows a list of choices; where the list has ended, the simplest is chosen. */
export function replaying(choices: readonly number[]): Draw {
  let at = 0;
  const choose = (count: number) => (choices[at++] ?? 0) % count;
  return {
    integer: (low, high) => low + choose(high - low + 1),
    pick: (...values) => values[choose(values.length)],
    chance: () => choose(2) === 1,
  };
}

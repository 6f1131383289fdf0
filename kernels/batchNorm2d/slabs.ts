// How the rows of a reduction are shared out: slab s takes rows s, s + slabs, s + 2 slabs, …, so that neighbouring
// threads read neighbouring rows, and a tensor cut into pieces goes on with the same slabs.
import type { Plan } from '../definition.ts';

export interface Slabs {
  /** Partial results of the first pass; a multiple of `groups`. */
  readonly slabs: number;
  /** Partial results of the merge in between; equal to `slabs` where there is none. */
  readonly groups: number;
}

/** Rows from which two merges are shorter than one. */
const MANY_ROWS = 16384;

/** The longest chain of dependent steps shrinks to about two square roots of the rows, or three cube roots. */
export function slabsFor(rows: number): Slabs {
  if (rows < MANY_ROWS) {
    const slabs = Math.ceil(Math.sqrt(rows));
    return { slabs, groups: slabs };
  }
  const groups = Math.ceil(Math.cbrt(rows));
  return { slabs: groups * groups, groups };
}

/** Scratch memory by name, all of one length. */
export function scratchOf(names: readonly string[], length: number): NonNullable<Plan['scratch']> {
  return Object.fromEntries(names.map((name) => [name, { length }]));
}

// How the rows of a reduction are shared out: slab s takes rows s, s + slabs, s + 2 slabs, …, so that neighbouring
// threads read neighbouring rows, and a tensor cut into pieces goes on with the same slabs.
import type { Capabilities, Plan } from '../definition.ts';

export interface Slabs {
  /** Partial results of the first pass; a multiple of `groups`. */
  readonly slabs: number;
  /** Partial results of the merge in between; equal to `slabs` where there is none. */
  readonly groups: number;
}

/** Rows from which two merges are shorter than one. */
const MANY_ROWS = 16384;

/** Threads of a reduction's first pass that keep the cores of an emulated GPU busy; each costs the merge its loads. */
const EMULATED_THREADS = 1024;

/**
 * On a GPU the longest chain of dependent steps shrinks to about two square roots of the rows, or three cube roots.
 * An emulated one has a few cores and no latency to hide: few slabs, and one merge.
 * @param channels in the shader's Elements
 */
export function slabsFor(rows: number, channels: number, { kind }: Capabilities): Slabs {
  if (kind !== 'gpu' || rows < MANY_ROWS) {
    const root = Math.ceil(Math.sqrt(rows));
    const slabs = kind === 'gpu' ? root : Math.min(root, Math.ceil(EMULATED_THREADS / channels));
    return { slabs, groups: slabs };
  }
  const groups = Math.ceil(Math.cbrt(rows));
  return { slabs: groups * groups, groups };
}

/** Whether the first pass over so many elements is cut into pieces, each of which goes on with the slabs of the last. */
export function continues(elements: number, { bindingLimit }: Capabilities): { CONTINUES: number } {
  return { CONTINUES: Number(elements * 4 > bindingLimit) };
}

/** Scratch memory by name, all of one length. */
export function scratchOf(names: readonly string[], length: number): NonNullable<Plan['scratch']> {
  return Object.fromEntries(names.map((name) => [name, { length }]));
}

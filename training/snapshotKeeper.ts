// Keeps the last snapshot of a run, and decides when the next one is worth its time.

import type { Progress } from './progress.ts';
import { type Snapshot, type SnapshotParts, takeSnapshot } from './snapshot.ts';

/** Between two snapshots lies this many times what the last one cost, so that they take less than 1 % of the time. */
const COST_RATIO = 200;

export class SnapshotKeeper {
  /** The last one. */
  snapshot: Snapshot;
  /** Whether it was taken since this was last set to false. */
  isNew = true;
  /** Steps from one to the next, or `auto`: as often as takes less than 1 % of the time. */
  readonly #every: number | 'auto';
  /** When the next is due; `auto` only. */
  #due: number;

  private constructor(first: Snapshot, every: number | 'auto', due: number) {
    this.snapshot = first;
    this.#every = every;
    this.#due = due;
  }

  /** Takes the first. */
  static async open(parts: SnapshotParts, progress: Progress, every: number | 'auto'): Promise<SnapshotKeeper> {
    const started = performance.now();
    const first = await takeSnapshot(parts, progress);
    return new SnapshotKeeper(first, every, nextAfter(started));
  }

  /** Whether one is due after that many steps of the run. */
  isDue(step: number): boolean {
    if (this.#every === 'auto') return performance.now() >= this.#due;
    return step >= this.snapshot.progress.step + this.#every;
  }

  /**
   * Takes one, between two steps.
   * @param settle brings `progress` up to date, waiting for the steps under way; counted as the snapshot's cost
   * @returns what it took, seconds
   */
  async take(parts: SnapshotParts, progress: Progress, settle?: () => Promise<void>): Promise<number> {
    const started = performance.now();
    await settle?.();
    this.snapshot = await takeSnapshot(parts, progress);
    this.isNew = true;
    this.#due = nextAfter(started);
    return (performance.now() - started) / 1000;
  }
}

function nextAfter(started: number): number {
  const now = performance.now();
  return now + COST_RATIO * (now - started);
}

// What data-parallel training needs of whatever connects its ranks. Nothing here waits: `Communicator` does, with a bound.

/** A sum over all ranks that is under way. */
export interface PendingSum {
  /** Moves it on. @returns whether the values are there */
  isDone(): boolean;
}

export interface Message {
  readonly from: number;
  readonly text: string;
}

/** The ranks of one run, as one of them sees them. MPI in `training/node/mpi`; tests have one within a process. */
export interface Transport {
  /** Number of this rank, from 0. */
  readonly rank: number;
  readonly size: number;
  /** Memory that does not move, for `startSum`. */
  allocate(bytes: number): ArrayBuffer;
  /** Gives memory of `allocate` back. */
  free(memory: ArrayBuffer): void;
  /**
   * Begins to replace `values` by their sums over all ranks, in place. All ranks must begin the same sums in the same
   * order. @param values in memory of `allocate`; not to be touched until it is done
   */
  startSum(values: Float32Array | Float64Array): PendingSum;
  /** Sends a short text, at most `MOST_TEXT` bytes, in the background; to one that is gone it is lost. */
  send(to: number, text: string): void;
  /** What arrived since; undefined when that was all. */
  receive(): Message | undefined;
  /** Ends the connection when all ranks are through. */
  leave(): void;
  /** Ends this process and as many others as can be reached. */
  abort(exitCode: number): void;
}

/** Longest text of a message in bytes. */
export const MOST_TEXT = 1024;

// What goes wrong between ranks.
import { WgradError } from '../../kernels/errors.ts';

/** A rank of a data-parallel run died, hangs, failed, or runs something else than the others; the message names it. */
export class RankError extends WgradError {
  /** The ranks at fault; empty where all take part, as when MPI itself cannot be used. */
  readonly ranks: readonly number[];

  constructor(message: string, { ranks = [], ...options }: ErrorOptions & { ranks?: readonly number[] } = {}) {
    super(message, options);
    this.ranks = ranks;
  }
}

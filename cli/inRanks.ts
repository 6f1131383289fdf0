// A command as one of several ranks, where `mpirun` started it; alone otherwise.
import { listAdapters } from '../engine/node/adapters.ts';
import { DataParallel, RankError } from '../training/distributed/index.ts';
import { adapterOfRank, joinRanks } from '../training/node/mpi/index.ts';
import { SynchronousReads } from '../training/node/readNow.ts';
import { wgradVersion } from './wgradVersion.ts';

export interface Ranks {
  readonly parallel: DataParallel;
  /** Part of the name of this rank's adapter; undefined: the best one, for all. */
  readonly adapter: string | undefined;
}

export interface RankOptions {
  /** Seconds that a rank waits for the others. Default 60. */
  mpiTimeout?: number | undefined;
  /** Part of an adapter's name, for all ranks. Default: by the place among the ranks of the machine. */
  adapter?: string | undefined;
  /** Batch norm looks at the samples of all ranks. Default false. */
  syncBatchNorm?: boolean | undefined;
  /** What all ranks must agree on beside their version. */
  facts?: Readonly<Record<string, string>>;
}

/** A rank that failed stays this long, so that the others too can say why they stop; milliseconds. */
const GRACE_MS = 3000;

/**
 * Joins the other ranks, if there are any, and leaves them at the end. A rank that fails tells the others, says what is
 * wrong by throwing, and ends all of them a moment later.
 */
export async function inRanks(
  { mpiTimeout, adapter, syncBatchNorm = false, facts }: RankOptions,
  body: (ranks: Ranks | undefined) => Promise<void>,
): Promise<void> {
  const joined = await joinRanks({ timeout: mpiTimeout });
  if (!joined) {
    await body(undefined);
    return;
  }
  const { communicator, localRank, version } = joined;
  const abort = () => communicator.abort(Number(process.exitCode) || 1);
  process.once('exit', abort); // MPI must not be left open
  using reads = syncBatchNorm ? new SynchronousReads() : undefined;
  try {
    const ownFacts = { 'version of wgrad': wgradVersion(), 'MPI library': version, ...facts };
    const parallel = new DataParallel(communicator, {
      facts: ownFacts,
      syncBatchNorm: reads && ((device, tensors) => reads.read(device, tensors)),
    });
    await body({
      parallel,
      adapter: adapter ?? process.env.WGRAD_ADAPTER ?? adapterOfRank((await listAdapters()).adapters, localRank),
    });
    await communicator.leave();
    process.off('exit', abort);
  } catch (error) {
    if (!(error instanceof RankError)) communicator.fail(error instanceof Error ? error.message : String(error));
    setTimeout(abort, GRACE_MS);
    throw error;
  }
}

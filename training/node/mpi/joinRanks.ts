// Joins the ranks that the launcher started.
import { Communicator } from '../../distributed/communicator.ts';
import { RankError } from '../../distributed/rankError.ts';
import { type MpiEnvironment, mpiEnvironment } from './environment.ts';
import { loadMpi } from './library.ts';
import { MpiTransport } from './mpiTransport.ts';

export interface Joined {
  readonly communicator: Communicator;
  /** Among the ranks on this machine, from 0. */
  readonly localRank: number;
  /** As the MPI library names itself. */
  readonly version: string;
}

/**
 * Initialises MPI and meets the other ranks.
 * @param options.timeout seconds that a rank waits for the others in one exchange, default 60
 * @returns undefined where no launcher started this process, or it started one rank alone
 * @throws RankError where koffi or an MPI library is missing, or the ranks do not find each other
 */
export async function joinRanks({ timeout }: { timeout?: number | undefined } = {}): Promise<Joined | undefined> {
  const environment = mpiEnvironment();
  if (!environment || environment.size === 1) return undefined;
  const library = await loadMpi(environment.launcher);
  const transport = new MpiTransport(library);
  checkLaunch(environment, transport, library.version);
  const communicator = new Communicator(transport, { ...(timeout !== undefined && { timeout }) });
  await communicator.introduce(`${transport.host}, process ${process.pid}`);
  const localRank = environment.localRank ?? (await localRankOf(communicator, transport.host));
  return { communicator, localRank, version: library.version };
}

/** Each process is a world of its own where the library is not the one that `mpirun` belongs to. */
function checkLaunch({ size, launcher }: MpiEnvironment, transport: MpiTransport, version: string): void {
  if (transport.size === size) return;
  throw new RankError(
    `the launcher (${launcher}) started ${size} ranks, but ${version} finds ${transport.size}: use the mpirun that belongs to this library, or name the launcher's library in WGRAD_MPI_LIBRARY`,
  );
}

async function localRankOf(communicator: Communicator, host: string): Promise<number> {
  const hosts = await communicator.gather(host, 'the names of the machines');
  return hosts.slice(0, communicator.rank).filter((name) => name === host).length;
}

// Whether this process is one of several that `mpirun` (or Slurm's `srun`) started, from what they leave in the environment.

export interface MpiEnvironment {
  readonly rank: number;
  readonly size: number;
  /** Among the ranks on this machine, from 0; undefined where the launcher does not tell. */
  readonly localRank: number | undefined;
  /** Whose launcher it is, as far as its variables tell. */
  readonly launcher: 'Open MPI' | 'MPICH' | 'unknown';
}

type Variables = Readonly<Record<string, string | undefined>>;

/** @returns undefined for a process that runs alone: no launcher, or a launcher with one rank is the caller's business */
export function mpiEnvironment(variables: Variables = process.env): MpiEnvironment | undefined {
  for (const { launcher, rank, size, localRank } of LAUNCHERS) {
    const [ownRank, all] = [wholeNumber(variables[rank]), wholeNumber(variables[size])];
    if (ownRank === undefined || all === undefined) continue;
    const local = localRank.map((name) => wholeNumber(variables[name])).find((value) => value !== undefined);
    return { rank: ownRank, size: all, localRank: local, launcher };
  }
  return undefined;
}

/** Variables' names. Hydra (MPICH, Intel MPI) sets PMI_*, Open MPI and its PRRTE OMPI_*. */
const LAUNCHERS = [
  {
    launcher: 'Open MPI',
    rank: 'OMPI_COMM_WORLD_RANK',
    size: 'OMPI_COMM_WORLD_SIZE',
    localRank: ['OMPI_COMM_WORLD_LOCAL_RANK'],
  },
  { launcher: 'MPICH', rank: 'PMI_RANK', size: 'PMI_SIZE', localRank: ['MPI_LOCALRANKID', 'SLURM_LOCALID'] },
  { launcher: 'unknown', rank: 'PMIX_RANK', size: 'SLURM_NTASKS', localRank: ['SLURM_LOCALID'] },
] as const;

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

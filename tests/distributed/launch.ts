// Starts programs under the `mpirun`s of this machine.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Launcher {
  readonly name: 'Open MPI' | 'MPICH';
  /** Ranks may be more than cores; what one machine needs. */
  readonly command: readonly string[];
  /** What keeps it from ending the others when a rank dies; undefined where it cannot be told to. */
  readonly keepsOthers: readonly string[] | undefined;
}

/** Those that are installed, each flavour once. What is missing is said on stderr. */
export function launchers(): Launcher[] {
  const found = new Map<Launcher['name'], Launcher>();
  for (const command of ['mpirun.openmpi', 'mpirun.mpich', 'mpirun', 'mpiexec']) {
    const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status !== 0) continue;
    const isOpen = /Open ?MPI|OpenRTE|PRRTE/i.test(stdout);
    const name = isOpen ? 'Open MPI' : 'MPICH';
    if (found.has(name) || !(isOpen || /HYDRA|MPICH|Intel/i.test(stdout))) continue;
    const options = isOpen ? ['--allow-run-as-root', '--oversubscribe'] : [];
    found.set(name, { name, command: [command, ...options], keepsOthers: isOpen ? ['--enable-recovery'] : undefined });
  }
  for (const name of ['Open MPI', 'MPICH'] as const) {
    if (!found.has(name)) console.error(`left out: ${name} is not installed, so nothing was tested on it`);
  }
  return [...found.values()];
}

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

const root = join(import.meta.dirname, '../..');

/** Runs a TypeScript file of this repository in ranks. @param parts how many ranks with which arguments */
export async function inRanks(
  { command }: Pick<Launcher, 'command'>,
  file: string,
  parts: readonly { ranks: number; args: readonly string[] }[],
): Promise<Ended> {
  const program = [process.execPath, '--import', 'tsx', file];
  const all = parts.flatMap(({ ranks, args }, i) => [...(i > 0 ? [':'] : []), '-n', `${ranks}`, ...program, ...args]);
  const [launcher, ...options] = command as [string, ...string[]];
  return ended(launcher, [...options, ...all]);
}

/** Runs it alone. */
export function alone(file: string, args: readonly string[]): Promise<Ended> {
  return ended(process.execPath, ['--import', 'tsx', file, ...args]);
}

/** Of the steps of a run, from its metrics. */
export function lossesOf(out: string): number[] {
  const rows = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return rows.map((row) => JSON.parse(row)).flatMap(({ kind, loss }) => (kind === 'step' ? [loss] : []));
}

async function ended(command: string, args: readonly string[]): Promise<Ended> {
  const started = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, ...output, seconds: (performance.now() - started) / 1000 };
}

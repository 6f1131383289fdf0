// `wgrad bench scale`: steps of 1, 2, 4 ranks on this machine, what the exchange of gradients takes of them, and what the
// measured latency and bandwidth foretell for more.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { RankError } from '../training/distributed/rankError.ts';
import { environment } from './environment.ts';
import { fitLink, type Link, predict, stopsPaying, type Workload } from './scaleModel.ts';
import { columns } from './suite/columns.ts';

export interface ScaleOptions {
  /** Default 1, 2, 4. */
  ranks?: readonly number[];
  /** Default lenet5. */
  model?: string;
  /** Images of one rank in a step. Default 64. */
  batch?: number;
  /** Measured steps. Default 50. */
  steps?: number;
  /** Height and width. Default 28. */
  imageSize?: number;
  /** Size of the parts that gradients are exchanged in. Default: the engine's. */
  bucketBytes?: number | undefined;
  /** Default: mpirun. */
  mpirun?: string;
  /** Where to write everything measured. */
  json?: string | undefined;
}

/** What each rank is told. */
export interface RankTask {
  model: string;
  batch: number;
  steps: number;
  imageSize: number;
  bucketBytes?: number | undefined;
  /** Bytes of the allreduces. */
  sizes: number[];
  repeats: number;
}

export interface AllreduceTime {
  bytes: number;
  seconds: number;
}

export interface ScaleRow {
  ranks: number;
  /** Version of the MPI library; null for one rank. */
  mpi: string | null;
  adapter: string;
  stepSeconds: number;
  /** Of all ranks together. */
  imagesPerSecond: number;
  gradientBytes: number;
  /** What a step really exchanges: gradients and the gaps between them. */
  exchangedBytes: number;
  /** Of each step: from the first gradients on the host to the last sums on the GPU. */
  exchangeSeconds: number;
  /** The part of it behind the backward pass. */
  exposedSeconds: number;
  /** Copies on the host. */
  copySeconds: number;
  allreduce: AllreduceTime[];
  /** Images a second against as many single ranks. */
  efficiency: number;
}

const SIZES = [8, 2 ** 10, 2 ** 14, 2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24];

/** @throws RankError where mpirun is missing or a rank failed */
export async function benchScale({
  ranks = [1, 2, 4],
  model = 'lenet5',
  batch = 64,
  steps = 50,
  imageSize = 28,
  bucketBytes,
  mpirun = 'mpirun',
  json,
}: ScaleOptions = {}): Promise<void> {
  const task: RankTask = { model, batch, steps, imageSize, bucketBytes, sizes: SIZES, repeats: 11 };
  const rows: ScaleRow[] = [];
  const [loadAverage] = loadavg(); // of others: figures mean something only where it is near 0
  for (const count of ranks) {
    process.stderr.write(`${count} ${count === 1 ? 'rank' : 'ranks'} …\n`);
    const row = await measured(count, task, mpirun);
    const [one = { ...row, ranks: count }] = rows;
    row.efficiency = row.imagesPerSecond / row.ranks / (one.imagesPerSecond / one.ranks);
    rows.push(row);
  }
  console.log(`${model}, batches of ${batch} on each rank, ${imageSize}x${imageSize}, ${rows[0]!.adapter}`);
  console.log(columns([HEAD, ...rows.map(cells)]).join('\n'));
  const most = rows.filter(({ ranks: count }) => count > 1).at(-1);
  const plan = most && planOf(rows[0]!, most);
  if (plan) console.log(planText(plan));
  if (json) replaceFile(json, `${JSON.stringify({ ...environment(), loadAverage, task, rows, plan }, null, 2)}\n`);
}

const HEAD = ['ranks', 'step ms', 'images/s', 'efficiency', 'exchange ms', 'exposed ms', 'overlap', 'MB'];

function cells(row: ScaleRow): string[] {
  const { ranks, stepSeconds, imagesPerSecond, efficiency, exchangeSeconds, exposedSeconds, exchangedBytes } = row;
  const overlap = exchangeSeconds ? `${(100 * (1 - exposedSeconds / exchangeSeconds)).toFixed(0)} %` : '';
  return [
    `${ranks}`,
    (1000 * stepSeconds).toFixed(1),
    imagesPerSecond.toFixed(0),
    `${(100 * efficiency).toFixed(0)} %`,
    (1000 * exchangeSeconds).toFixed(2),
    (1000 * exposedSeconds).toFixed(2),
    overlap,
    (exchangedBytes / 1e6).toFixed(2),
  ];
}

export interface Plan {
  workload: Workload;
  predictions: ReturnType<typeof predict>[];
  /** Ranks at which the efficiency falls below a half. */
  stopsPaying: number | null;
}

/** The step of one rank alone and the exchange of the most ranks, for more ranks of the same kind. */
export function planOf(alone: ScaleRow, most: ScaleRow): Plan {
  const link: Link = fitLink(most.ranks, most.allreduce);
  const workload: Workload = {
    stepSeconds: alone.stepSeconds,
    gradientBytes: most.exchangedBytes,
    stagingSeconds: most.copySeconds,
    overlap: 1 - most.exposedSeconds / most.exchangeSeconds,
    link,
  };
  const predictions = [1, 2, 4, 8, 16, 64, 256, 1000].map((ranks) => predict(ranks, workload));
  return { workload, predictions, stopsPaying: stopsPaying(workload) ?? null };
}

function planText({ workload: { link }, predictions, stopsPaying: end }: Plan): string {
  const rows = predictions.map(({ ranks, algorithm, allreduceSeconds, stepSeconds, efficiency }) => [
    `${ranks}`,
    ranks === 1 ? '' : algorithm,
    (1000 * allreduceSeconds).toFixed(2),
    (1000 * stepSeconds).toFixed(1),
    `${(100 * efficiency).toFixed(0)} %`,
  ]);
  return [
    `\nLatency ${(1e6 * link.latency).toFixed(0)} µs, bandwidth ${(link.bandwidth / 1e9).toFixed(2)} GB/s. With a device for each rank, such links and none slower than the others:`,
    ...columns([['ranks', 'allreduce', 'ms', 'step ms', 'efficiency'], ...rows]),
    end === null ? 'It pays everywhere.' : `Below a half from ${end} ranks on.`,
  ].join('\n');
}

/** Runs the ranks; one alone without MPI. */
async function measured(count: number, task: RankTask, mpirun: string): Promise<ScaleRow> {
  const program = [process.execPath, ...rankProgram(), JSON.stringify(task)];
  const [command, ...args] = count === 1 ? program : [...launch(mpirun), '-n', `${count}`, ...program];
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exitCode] = await once(child, 'close');
  const line = stdout.split('\n').find((each) => each.startsWith('{'));
  if (exitCode === 0 && line) return JSON.parse(line) as ScaleRow;
  throw new RankError(
    `${count} ranks ended with exit code ${exitCode}: ${stderr.trim().split('\n').slice(-5).join('; ')}`,
  );
}

/** In the sources TypeScript, beside this file JavaScript in what is built. */
function rankProgram(): string[] {
  const source = join(import.meta.dirname, 'scaleRank.ts');
  return existsSync(source) ? ['--import', 'tsx', source] : [join(import.meta.dirname, 'scaleRank.js')];
}

/** Open MPI wants to be told that ranks may be more than cores, and that root may start them. */
function launch(mpirun: string): string[] {
  const { stdout, error } = spawnSync(mpirun, ['--version'], { encoding: 'utf8' });
  if (error) throw new RankError(`${mpirun} cannot be started (${error.message}): install Open MPI or MPICH`);
  return /Open ?MPI|OpenRTE|PRRTE/i.test(stdout) ? [mpirun, '--allow-run-as-root', '--oversubscribe'] : [mpirun];
}

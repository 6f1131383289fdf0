// The plan for many ranks as the table of docs/guides/distributed.md, from a file of `wgrad bench scale --json`.
//   npx tsx bench/scaleTable.ts bench/results/2026-11-23-scale-lavapipe.json
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { ScaleRow } from './scale.ts';
import { accumulationFor, fitLink, predict, stopsPaying, type Workload } from './scaleModel.ts';

/** What the plan assumes in the place of what one machine cannot show. */
export interface Cluster {
  name: string;
  /** Of one rank alone, images a second on its device. */
  stepSeconds: number;
  gradientBytes: number;
  stagingSeconds: number;
  overlap: number;
  link: { latency: number; bandwidth: number };
}

const RANKS = [2, 8, 64, 256, 1000];

/**
 * The measured machine, then clusters: of these the bytes and the overlap of the exchange are the measured ones, links,
 * steps and the speed of copies between GPU and host (10 GB/s) assumptions.
 */
export function clustersOf({ alone, most }: Measured): Cluster[] {
  const { exchangedBytes, exchangeSeconds, exposedSeconds } = most;
  const overlap = 1 - exposedSeconds / exchangeSeconds;
  const common = { gradientBytes: exchangedBytes, stagingSeconds: (2 * exchangedBytes) / 10e9, overlap };
  const link = fitLink(most.ranks, most.allreduce);
  const measured = {
    name: `measured: ${(1e6 * link.latency).toFixed(0)} µs, ${(link.bandwidth / 1e9).toFixed(2)} GB/s; step of ${(1000 * alone.stepSeconds).toFixed(0)} ms`,
    stepSeconds: alone.stepSeconds,
    link,
  };
  const slow = { latency: 100e-6, bandwidth: 0.125e9 };
  const ethernet = { latency: 50e-6, bandwidth: 1.25e9 };
  const infiniBand = { latency: 2e-6, bandwidth: 12.5e9 };
  return [
    { ...common, ...measured },
    { ...common, name: '1 Gb Ethernet, 100 µs; step of 100 ms', stepSeconds: 0.1, link: slow },
    { ...common, name: '10 Gb Ethernet, 50 µs; step of 100 ms', stepSeconds: 0.1, link: ethernet },
    {
      ...common,
      name: '10 Gb Ethernet, half the bytes (float16)',
      stepSeconds: 0.1,
      ...halved(common),
      link: ethernet,
    },
    { ...common, name: '100 Gb InfiniBand, 2 µs; step of 100 ms', stepSeconds: 0.1, link: infiniBand },
    { ...common, name: '100 Gb InfiniBand; step of 10 ms', stepSeconds: 0.01, link: infiniBand },
  ];
}

function halved({ gradientBytes, stagingSeconds }: Pick<Workload, 'gradientBytes' | 'stagingSeconds'>) {
  return { gradientBytes: gradientBytes / 2, stagingSeconds: stagingSeconds / 2 };
}

/** Efficiencies, where it stops paying, and the batches to accumulate for 90 % at 1,000 ranks. */
export function scaleTable(measured: Measured): string {
  const head = ['link and step', ...RANKS.map((ranks) => `${ranks} ranks`), 'below 50 %', 'batches for 90 %'];
  const rows = clustersOf(measured).map((cluster) => [
    cluster.name,
    ...RANKS.map((ranks) => `${(100 * predict(ranks, cluster).efficiency).toFixed(0)} %`),
    `${stopsPaying(cluster, 2 ** 16) ?? 'never'}`,
    `${accumulationFor(0.9, 1000, cluster)}`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export interface Measured {
  /** One rank. */
  alone: ScaleRow;
  /** The most ranks. */
  most: ScaleRow;
}

/** A file of `wgrad bench scale --json`. */
export function readScale(file: string): Measured {
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: ScaleRow[] };
  return { alone: rows[0]!, most: rows.at(-1)! };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(scaleTable(readScale(process.argv[2]!)));

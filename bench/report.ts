// The benchmark's table and the sentences under it.
import type { Environment } from './environment.ts';

export interface ContenderResult {
  name: string;
  version?: string;
  adapter?: string;
  setupMs?: number;
  firstStepMs?: number;
  /** Mean milliseconds per step of each round, in order. */
  stepMs: number[];
  gpuErrors: number;
  /** The largest share of one processor it used while another contender was being timed. */
  idleLoad: number;
  /** Why its result is wrong or missing; such a contender has no times. */
  wrong?: string;
}

export interface Report extends Environment {
  batchSize: number;
  cold: boolean;
  contenders: ContenderResult[];
}

/** Ratios are taken to wgrad, or to the fastest peer where wgrad has no time. */
export function formatReport(report: Report): string {
  const { contenders, cold, batchSize } = report;
  const time = ({ firstStepMs, stepMs }: ContenderResult) => (cold ? firstStepMs : median(stepMs));
  const timed = contenders.filter((c) => c.wrong === undefined && time(c) !== undefined);
  const fastest = timed.filter((c) => c.name !== 'torch').toSorted((a, b) => time(a)! - time(b)!)[0] ?? timed[0];
  const base = timed.find((c) => c.name === 'wgrad') ?? fastest;

  const firstStep = cold ? 'first step (cold)' : 'first step';
  const header = [
    'contender',
    'version',
    firstStep,
    'median step',
    'min-max',
    `to ${base?.name}`,
    'GPU errors',
    'check',
  ];
  const rows = contenders.map((c) => {
    const isTimed = timed.includes(c);
    return [
      c.name,
      c.version ?? '-',
      c.wrong === undefined ? milliseconds(c.firstStepMs) : '-',
      milliseconds(median(c.stepMs)),
      c.stepMs.length ? `${Math.min(...c.stepMs).toFixed(1)}-${Math.max(...c.stepMs).toFixed(1)}` : '-',
      isTimed ? `${(time(c)! / time(base!)!).toFixed(2)}x` : '-',
      String(c.gpuErrors),
      c.wrong === undefined ? 'right' : 'WRONG',
    ];
  });

  return [
    `LeNet-5 training step, batch ${batchSize}, ${report.date}, commit ${report.commit || 'unknown'}`,
    `node ${report.node}, ${report.platform}, ${report.cpu}`,
    ...new Set(contenders.flatMap(({ adapter }) => (adapter ? [`adapter: ${adapter}`] : []))),
    '',
    ...table([header, ...rows]),
    '',
    ...(cold ? [] : ['The first step found the shader caches as they were; --cold measures it with compilation.']),
    ...contenders.flatMap(({ wrong }) => (wrong === undefined ? [] : [`Not timed: ${wrong}`])),
    ...timed.filter((c) => c !== base).map((c) => comparison(base!, c, time(c)! / time(base!)!)),
    ...warnings(contenders),
  ].join('\n');
}

/** Undefined for no values. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : sorted.length ? (sorted[middle - 1] + sorted[middle]) / 2 : undefined;
}

function comparison(base: ContenderResult, other: ContenderResult, ratio: number): string {
  const [word, factor] = ratio >= 1 ? ['faster', ratio] : ['slower', 1 / ratio];
  // repeats of the same program differ by up to 40 % on a shared machine
  const tie = factor < 1.4 ? ' (below 1.4: count it as a tie unless several runs agree)' : '';
  return `${base.name} is ${factor.toFixed(2)} times ${word} than ${other.name}${tie}`;
}

function warnings(contenders: ContenderResult[]): string[] {
  const adapters = new Set(contenders.filter((c) => c.name !== 'torch').flatMap(({ adapter }) => adapter ?? []));
  return [
    ...(adapters.size > 1 ? ['WARNING: the contenders ran on different adapters; their ratios mean nothing'] : []),
    ...contenders
      .filter(({ idleLoad }) => idleLoad > 0.05)
      .map(
        ({ name, idleLoad }) => `WARNING: ${name} used ${(100 * idleLoad).toFixed(0)} % of a processor while waiting`,
      ),
  ];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(value < 1000 ? 1 : 0)} ms`;
}

/** Columns as wide as their widest cell. */
export function table(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

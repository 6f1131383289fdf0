// Two runs of the suite held against each other: which rows of wgrad became slower than chance explains.
import { WgradError } from '../../kernels/errors.ts';
import type { ContenderResult, RowResult, SuiteResults } from './results.ts';
import { median, spread } from './statistics.ts';

export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Ids of rows that only one run has, or with another shape. */
  readonly uncompared: readonly string[];
}

export interface ComparedRow {
  readonly title: string;
  /** wgrad's new time over its old one, relative to the peers that both runs have: above 1 is slower. */
  readonly change: number;
  /** Changes within this factor may be chance. */
  readonly threshold: number;
  readonly verdict: 'slower' | 'faster' | 'same' | 'now wrong' | 'no times';
}

/** Repeats of one program differ by so much even where the rounds of each run agree. */
const CHANCE = 1.15;
/** Taken for the spread of a single measurement. */
const SINGLE = 0.2;

/**
 * wgrad's change is divided by the geometric mean of its peers' changes: a machine that is busier today slows them
 * all. The threshold grows with the spread of the rounds of everything that enters.
 * @throws WgradError when the runs were made on different adapters
 */
export function compareResults(before: SuiteResults, after: SuiteResults): Comparison {
  if (before.adapter !== after.adapter)
    throw new WgradError(`--compare: taken on ${before.adapter}, and this run on ${after.adapter}: not comparable`);
  const old = new Map(before.rows.map((row) => [JSON.stringify(row.workload), row]));
  const pairs = after.rows.map((row) => ({ row, like: old.get(JSON.stringify(row.workload)) }));
  const compared = pairs.flatMap(({ row, like }) => (like ? [compareRow(like, row)] : []));
  const found = new Set(pairs.flatMap(({ row, like }) => (like ? [row.workload.id] : [])));
  const uncompared = [...before.rows, ...after.rows].map(({ workload }) => workload.id).filter((id) => !found.has(id));
  return { rows: compared, uncompared: [...new Set(uncompared)] };
}

export function isRegression({ verdict }: ComparedRow): boolean {
  return verdict === 'slower' || verdict === 'now wrong';
}

export function comparisonText({ rows, uncompared }: Comparison): string {
  const interesting = rows.filter(({ verdict }) => verdict !== 'same');
  const lines = interesting.map(({ title, change, threshold, verdict }) =>
    Number.isFinite(change)
      ? `${verdict}: ${title}, ${change.toFixed(2)} times the old time (chance explains ${threshold.toFixed(2)})`
      : `${verdict}: ${title}`,
  );
  const same = rows.length - interesting.length;
  return [
    `compared ${rows.length} rows: ${rows.filter(isRegression).length} regressions, ${same} within chance`,
    ...lines,
    ...(uncompared.length ? [`not compared: ${uncompared.join(', ')}`] : []),
  ].join('\n');
}

function compareRow(before: RowResult, after: RowResult): ComparedRow {
  const { title } = after.workload;
  const pair = (name: string) =>
    [before, after].map(({ contenders }) => contenders.find((one) => one.name === name)) as [
      ContenderResult | undefined,
      ContenderResult | undefined,
    ];
  const [old, now] = pair('wgrad');
  if (old?.ms.length && now?.wrong !== undefined)
    return { title, change: Number.NaN, threshold: Number.NaN, verdict: 'now wrong' };
  if (!old?.ms.length || !now?.ms.length)
    return { title, change: Number.NaN, threshold: Number.NaN, verdict: 'no times' };

  const peers = after.contenders
    .map(({ name }) => name)
    .filter((name) => name !== 'wgrad')
    .map(pair)
    .filter((both): both is [ContenderResult, ContenderResult] => both.every((one) => one?.ms.length));
  const drift = Math.exp(
    peers.reduce((sum, [was, is]) => sum + Math.log(median(is.ms) / median(was.ms)), 0) / Math.max(1, peers.length),
  );
  const peerSpread = peers.reduce((sum, both) => sum + uncertainty(both), 0) / Math.max(1, peers.length);
  const change = median(now.ms) / median(old.ms) / drift;
  const threshold = CHANCE * (1 + uncertainty([old, now])) * (1 + peerSpread);
  const verdict = change > threshold ? 'slower' : change < 1 / threshold ? 'faster' : 'same';
  return { title, change, threshold, verdict };
}

/** Of the quotient of two medians: their spreads, as independent errors. */
function uncertainty(both: readonly ContenderResult[]): number {
  return Math.hypot(...both.map(({ ms }) => (ms.length > 1 ? spread(ms) : SINGLE)));
}

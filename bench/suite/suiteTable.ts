// The suite's table: medians with their spread, ratios to wgrad, and under it what was not timed and why.
import { columns } from './columns.ts';
import type { ContenderName } from './contenders.ts';
import type { ContenderResult, MemoryResult, RowResult, SuiteResults } from './results.ts';
import { median, spread } from './statistics.ts';

/** A table for people: the lines of the header, the rows, the memory and the notes. */
export function suiteTable(results: SuiteResults): string {
  const { adapter, date, commit, node, platform, cpu, rows, memory, packages } = results;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, commit ${commit || 'unknown'}, node ${node}, ${platform}, ${cpu}`,
    `adapter: ${adapter}`,
    versions.join(', '),
    ...(results.isQuick ? ['--quick: small shapes; these are no figures to quote'] : []),
    ...(rows.length ? ['', ...columns(timeCells(rows))] : []),
    ...(memory.length ? ['', ...columns(memoryCells(memory))] : []),
    ...notes(results).map((note, i) => (i === 0 ? `\n${note}` : note)),
  ].join('\n');
}

/** One line for a row that was just measured. */
export function rowLine({ workload, contenders }: RowResult): string {
  const words = contenders.map(
    (one) => `${one.name} ${timeText(one)}${one.name === 'wgrad' ? '' : ` ${ratioText(one, contenders)}`}`,
  );
  return `${workload.title}: ${words.join(', ')}`.replace(/\s+$/, '');
}

/** Header and rows: workload, wgrad's time, then time and ratio of each peer. */
export function timeCells(rows: readonly RowResult[]): string[][] {
  const names = namesIn(rows);
  const header = names.flatMap((name) => (name === 'wgrad' ? ['wgrad'] : [name, 'ratio']));
  return [
    ['milliseconds', ...header],
    ...rows.map(({ workload, contenders }) => [
      workload.title,
      ...names.flatMap((name) => {
        const one = contenders.find((each) => each.name === name);
        if (!one) return name === 'wgrad' ? ['-'] : ['-', ''];
        return name === 'wgrad' ? [timeText(one)] : [timeText(one), ratioText(one, contenders)];
      }),
    ]),
  ];
}

/** Header and rows: peak megabytes, and buffers after the first and the last count. */
export function memoryCells(memory: readonly MemoryResult[]): string[][] {
  const header = ['GPU buffers', 'contender', 'peak MiB', 'buffers', 'growth'];
  return [
    header,
    ...memory.flatMap(({ workload, steps, contenders }) =>
      contenders.map(({ name, counts, wrong }) => {
        const [first, last] = [counts[0], counts.at(-1)];
        if (wrong !== undefined || !first || !last) return [workload.title, name, 'WRONG', '', ''];
        const growth = last.buffers - first.buffers;
        return [
          workload.title,
          name,
          (last.peakBytes / 2 ** 20).toFixed(1),
          `${first.buffers} after ${steps[0]} steps, ${last.buffers} after ${steps.at(-1)}`,
          growth > 0 ? `+${growth}` : String(growth),
        ];
      }),
    ),
  ];
}

/** How many times as long as wgrad a contender takes; undefined where one of them has no time. */
export function ratioOf(one: ContenderResult, contenders: readonly ContenderResult[]): number | undefined {
  const wgrad = contenders.find(({ name }) => name === 'wgrad');
  if (!wgrad?.ms.length || !one.ms.length) return undefined;
  return median(one.ms) / median(wgrad.ms);
}

/** What a reader must know to judge the numbers. */
export function notes({ rows, memory }: SuiteResults): string[] {
  const timed = rows.flatMap(({ workload, contenders }) => contenders.map((one) => ({ workload, ...one })));
  const wrong = [
    ...timed,
    ...memory.flatMap(({ workload, contenders }) => contenders.map((one) => ({ workload, ...one }))),
  ].flatMap(({ workload, name, wrong }) =>
    wrong === undefined ? [] : [`WRONG: ${name}, ${workload.title}: ${wrong}`],
  );
  const busy = timed
    .filter(({ idleLoad }) => idleLoad > 0.05)
    .map(
      ({ name, workload, idleLoad }) =>
        `busy: ${name} used ${(100 * idleLoad).toFixed(0)} % of a processor while others ran ${workload.title}`,
    );
  return [...wrong, ...busy];
}

function timeText({ ms, wrong }: ContenderResult): string {
  if (wrong !== undefined) return 'WRONG';
  if (ms.length === 0) return '-';
  const value = median(ms);
  const text = value < 10 ? value.toFixed(2) : value < 1000 ? value.toFixed(1) : value.toFixed(0);
  return ms.length > 1 ? `${text} ±${(100 * spread(ms)).toFixed(0)}%` : text;
}

function ratioText(one: ContenderResult, contenders: readonly ContenderResult[]): string {
  const ratio = ratioOf(one, contenders);
  return ratio === undefined ? '' : `${ratio.toFixed(2)}x`;
}

function namesIn(rows: readonly RowResult[]): ContenderName[] {
  return [...new Set(rows.flatMap(({ contenders }) => contenders.map(({ name }) => name)))];
}

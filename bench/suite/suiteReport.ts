// The suite's page: one HTML file with charts, and the JSON it was made from.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { writeHtmlReport } from '../../training/node/writeHtmlReport.ts';
import type { HtmlFigure } from '../../training/report/htmlReport.ts';
import { vegaSvg } from '../../training/report/vegaSvg.ts';
import { type Comparison, comparisonText } from './compareResults.ts';
import type { ContenderName } from './contenders.ts';
import type { RowResult, SuiteResults } from './results.ts';
import { median } from './statistics.ts';
import { memoryCells, notes, ratioOf, timeCells } from './suiteTable.ts';

/** Okabe and Ito's, as in all our charts. */
const COLORS: Readonly<Record<ContenderName, string>> = {
  wgrad: '#0072b2',
  tfjs: '#e69f00',
  'jax-js': '#009e73',
  torch: '#8a919b',
};

/** Writes `index.html` and `bench.json` into `folder`, which is made where there is none. */
export async function writeSuiteReport(folder: string, results: SuiteResults, comparison?: Comparison): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { rows, memory, date, commit, adapter, node, platform, cpu, rounds, packages } = results;
  const [timeHeader, ...timeRows] = timeCells(rows);
  const [memoryHeader, ...memoryRows] = memoryCells(memory);
  replaceFile(join(folder, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeHtmlReport(join(folder, 'index.html'), {
    title: `wgrad bench ${results.suite}`,
    facts: [
      ['Adapter', adapter],
      ['Date', date.slice(0, 10)],
      ['Commit', commit.slice(0, 12) || 'unknown'],
    ],
    figures: await figures(rows),
    tables: [
      ...(rows.length ? [{ title: 'Times', header: timeHeader, rows: timeRows }] : []),
      ...(memory.length ? [{ title: 'Memory', header: memoryHeader, rows: memoryRows }] : []),
    ],
    config: { rounds, node, platform, cpu, ...packages, quick: results.isQuick },
    listings: [
      { title: 'Notes', lines: notes(results).length ? notes(results) : ['Every result was right.'] },
      ...(comparison ? [{ title: 'Compared with an earlier run', lines: comparisonText(comparison).split('\n') }] : []),
    ],
  });
}

async function figures(rows: readonly RowResult[]): Promise<HtmlFigure[]> {
  const times = rows.flatMap(({ workload, contenders }) =>
    contenders
      .filter(({ ms }) => ms.length)
      .map(({ name, ms }) => ({
        ...{ workload: workload.title, contender: name, median: median(ms) },
        ...{ low: Math.min(...ms), high: Math.max(...ms) },
      })),
  );
  const ratios = rows.flatMap(({ workload, contenders }) =>
    contenders.flatMap((one) => {
      const ratio = one.name === 'wgrad' ? undefined : ratioOf(one, contenders);
      return ratio === undefined ? [] : [{ workload: workload.title, contender: one.name, ratio }];
    }),
  );
  const made: HtmlFigure[] = [];
  if (ratios.length)
    made.push({
      title: 'How many times as long as wgrad',
      image: await vegaSvg(ratioChart(ratios)),
      caption:
        'Medians of alternating rounds of one run; right of the line wgrad is faster. What is wrong has no mark.',
    });
  if (times.length)
    made.push({
      title: 'Milliseconds',
      image: await vegaSvg(timeChart(times)),
      caption: 'Medians; the lines reach from the fastest round to the slowest.',
    });
  return made;
}

interface Mark {
  readonly workload: string;
  readonly contender: ContenderName;
}

function ratioChart(values: readonly (Mark & { ratio: number })[]): TopLevelSpec {
  return {
    ...frame(values),
    layer: [
      { mark: { type: 'rule', color: '#22272e' }, encoding: { x: { datum: 1 } } },
      {
        mark: { type: 'point', filled: true, size: 70 },
        encoding: {
          ...rowAndColor(values),
          x: { field: 'ratio', type: 'quantitative', scale: { type: 'log' }, title: 'time / wgrad’s time' },
        },
      },
    ],
  };
}

function timeChart(values: readonly (Mark & { median: number; low: number; high: number })[]): TopLevelSpec {
  const scale = { type: 'log' } as const;
  return {
    ...frame(values),
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.6 },
        encoding: {
          ...rowAndColor(values),
          x: { field: 'low', type: 'quantitative', scale, title: 'ms' },
          x2: { field: 'high' },
        },
      },
      {
        mark: { type: 'point', filled: true, size: 70 },
        encoding: { ...rowAndColor(values), x: { field: 'median', type: 'quantitative', scale } },
      },
    ],
  };
}

function frame(values: readonly Mark[]) {
  return { data: { values: [...values] }, width: 460, height: { step: 26 } };
}

function rowAndColor(values: readonly Mark[]) {
  const present = (Object.keys(COLORS) as ContenderName[]).filter((name) =>
    values.some(({ contender }) => contender === name),
  );
  const scale = { domain: present, range: present.map((name) => COLORS[name]) };
  return {
    y: { field: 'workload', type: 'nominal', sort: null, title: null, axis: { labelLimit: 480 } },
    color: { field: 'contender', type: 'nominal', scale, title: null },
  } as const;
}

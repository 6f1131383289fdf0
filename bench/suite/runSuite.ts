// `wgrad bench`, from its options to its exit code.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openAdapter } from '../../engine/node/adapters.ts';
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { environment } from '../environment.ts';
import { adapterText } from './adapterText.ts';
import { compareResults, comparisonText, isRegression } from './compareResults.ts';
import { type ContenderName, choosePeers, missing, peerNames } from './contenders.ts';
import { measureMemory } from './measureMemory.ts';
import { type MeasureOptions, measureRow } from './measureRow.ts';
import { packageVersions } from './packageVersions.ts';
import { readResults } from './readResults.ts';
import type { MemoryResult, RowResult, SuiteResults } from './results.ts';
import { writeSuiteReport } from './suiteReport.ts';
import { chooseWorkloads, type SuiteName } from './suites.ts';
import { rowLine, suiteTable } from './suiteTable.ts';

export interface SuiteOptions {
  against?: string;
  json?: string;
  quick?: boolean;
  only?: string;
  rounds?: number;
  compare?: string;
  report?: string;
  adapter?: string;
}

/**
 * Measures a suite, prints its table, and writes what was asked for; the JSON file after every row, so that a run that
 * is stopped leaves what it has.
 * @returns the exit code: 1 when wgrad is wrong anywhere, or slower than in the run given to `--compare`
 * @throws WgradError for options that cannot be, before anything is measured
 */
export async function runSuite(suite: SuiteName, options: SuiteOptions): Promise<number> {
  const { quick: isQuick = false, rounds = isQuick ? 3 : 5 } = options;
  const chosen = chooseWorkloads(suite, { isQuick, only: options.only });
  const names: ContenderName[] = ['wgrad', ...choosePeers(options.against)];
  const before = options.compare === undefined ? undefined : readResults(options.compare);
  if (options.json !== undefined) mkdirSync(dirname(options.json), { recursive: true });
  if (options.report !== undefined) mkdirSync(options.report, { recursive: true });
  if (options.against === undefined) sayWhoIsMissing();

  if (options.adapter !== undefined) process.env.WGRAD_ADAPTER = options.adapter;
  const found = await openAdapter();
  const adapter = adapterText(found.info);
  const rows: RowResult[] = [];
  const memory: MemoryResult[] = [];
  const start = { ...environment(), format: 'wgrad-bench-1' as const, suite, isQuick, rounds, adapter };
  const results = (): SuiteResults => ({ ...start, packages: packageVersions(names, rows), rows, memory });
  const save = () => {
    if (options.json !== undefined) replaceFile(options.json, `${JSON.stringify(results(), null, 2)}\n`);
  };

  const measure: MeasureOptions = {
    ...{ names, rounds, adapter, roundMs: isQuick ? 50 : 400 },
    environment: found.environment,
    onProgress: progress,
  };
  for (const workload of chosen.timed) {
    rows.push(await measureRow(workload, measure));
    progress('');
    console.error(rowLine(rows.at(-1)!));
    save();
  }
  for (const workload of chosen.memory) {
    memory.push(await measureMemory(workload, isQuick ? [4, 8] : [20, 200], measure));
    progress('');
    save();
  }

  const comparison = before && compareResults(before, results());
  console.log(suiteTable(results()));
  if (comparison) console.log(`\n${comparisonText(comparison)}`);
  if (options.report !== undefined) {
    await writeSuiteReport(options.report, results(), comparison);
    console.error(`page: ${options.report}/index.html`);
  }
  const isWrong = [...rows, ...memory].some(({ contenders }) =>
    contenders.some(({ name, wrong }) => name === 'wgrad' && wrong !== undefined),
  );
  return isWrong || comparison?.rows.some(isRegression) ? 1 : 0;
}

function sayWhoIsMissing(): void {
  for (const name of peerNames) {
    const reason = missing(name);
    if (reason) console.error(`without ${name}: ${reason}`);
  }
}

/** A line that overwrites itself on a terminal, and nothing elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

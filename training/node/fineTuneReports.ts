// What a finished fine-tuning came to: the reports of a run, and what was frozen and gained.
import type { Evaluation } from '../evaluate.ts';
import type { LrFindResult } from '../fineTune/lrFind.ts';
import { lrFindSvg } from '../fineTune/lrFindChart.ts';
import type { HtmlReport } from '../report/htmlReport.ts';
import { type Finished, writeReports } from './runReports.ts';

export interface FinishedFineTune extends Omit<Finished, 'test'> {
  /** The test after training. */
  evaluation: Evaluation;
  /** The test with the new head, before training. */
  before?: Pick<Evaluation, 'accuracy'> | undefined;
  lrFind?: LrFindResult | undefined;
  /** Which layers were frozen, as `freezeReport` says it. */
  freezeLines: readonly string[];
  frozenParameters?: number | undefined;
  trainedParameters?: number | undefined;
  /** Default: `Fine-tuning`. */
  title?: string;
}

/**
 * Writes what `writeReports` writes, and lrFind.svg where there was a search for the learning rate.
 * @returns the paths of all files
 * @throws as `writeReports`
 */
export async function writeFineTuneReports(out: string, finished: FinishedFineTune): Promise<string[]> {
  const { evaluation, before, lrFind, freezeLines, frozenParameters, trainedParameters, ...run } = finished;
  const facts: [string, string][] = [];
  if (before) facts.push(['accuracy before', `${(100 * before.accuracy).toFixed(2)} %`]);
  if (frozenParameters !== undefined) facts.push(['frozen parameters', frozenParameters.toLocaleString('en')]);
  if (trainedParameters !== undefined) facts.push(['trained parameters', trainedParameters.toLocaleString('en')]);
  const listings: HtmlReport['listings'] = freezeLines.length ? [{ title: 'Frozen layers', lines: freezeLines }] : [];
  const charts = lrFind
    ? [{ file: 'lrFind.svg', title: 'Search for the learning rate', svg: await lrFindSvg(lrFind) }]
    : [];
  const { title = 'Fine-tuning', ...rest } = run;
  return writeReports(out, { ...rest, test: evaluation }, { title, facts, charts, listings });
}

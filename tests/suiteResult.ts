// What one suite's process did, judged from its output and its end. A suite that says nothing has not passed.

export interface SuiteEnd {
  /** Everything the suite wrote. */
  output: string;
  /** Its exit code; null when a signal ended it. */
  code: number | null;
  timedOut: boolean;
}

export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Why the suite counts as failed beyond its own count; null when there is no such reason. */
  trouble: string | null;
  /** Lines by which it said what it passed over, `skipped: <reason>`, or found, `measured: <figure>`. */
  notes: string[];
}

/** Reads uvu's last summary (`Total`, `Passed`, `Skipped`). Trouble counts as one failed test where none failed. */
export function suiteResult({ output, code, timedOut }: SuiteEnd): SuiteResult {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const summaries = [...plain.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)];
  const [total = 0, passed = 0, skipped = 0] = summaries.at(-1)?.slice(1).map(Number) ?? [];
  const trouble = findTrouble({ summaries: summaries.length, total, passed, skipped, code, timedOut });
  const failed = Math.max(total - passed, trouble ? 1 : 0);
  const notes = plain.split('\n').filter((line) => /^\s*(skipped|measured): /.test(line));
  return { passed, failed, skipped, trouble, notes: notes.map((line) => line.trim()) };
}

function findTrouble(suite: {
  summaries: number;
  total: number;
  passed: number;
  skipped: number;
  code: number | null;
  timedOut: boolean;
}): string | null {
  if (suite.timedOut) return 'did not end in time';
  if (suite.code === null) return 'ended by a signal';
  if (suite.summaries === 0) return `printed no summary (exit code ${suite.code})`;
  if (suite.total + suite.skipped === 0) return 'holds no tests';
  if (suite.code !== 0 && suite.total === suite.passed) return `all tests passed, but the exit code is ${suite.code}`;
  return null;
}

/** What a run prints of one suite: a line, its notes, and all its output where it failed. */
export function suiteLines(path: string, suite: { result: SuiteResult; output: string; seconds: number }): string {
  const { passed, failed, skipped, trouble, notes } = suite.result;
  const counts = `${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`;
  const lines = [`${failed ? 'FAIL' : 'ok  '} ${path}: ${counts} (${suite.seconds.toFixed(1)} s)`];
  if (trouble) lines.push(`     ${trouble}`);
  if (failed) lines.push(`${suite.output.trimEnd().replace(/^/gm, '  | ')}\n`);
  else for (const note of notes) lines.push(`     ${note}`);
  return lines.join('\n');
}

/** The last lines of a run. */
export function totalLines(results: readonly SuiteResult[]): string {
  const sum = (field: 'passed' | 'failed' | 'skipped') => results.reduce((total, result) => total + result[field], 0);
  const [suites, skipped] = [failedSuites(results), sum('skipped')];
  const counts = `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return suites > 0 ? `\n${suites} of ${results.length} suites failed\n${counts}` : counts;
}

export function failedSuites(results: readonly SuiteResult[]): number {
  return results.filter(({ failed }) => failed > 0).length;
}

// One row: every contender prepares the workload in a fresh process and is checked; those found right are timed, one
// working while the others wait, in an order that turns around each round.
import { Contender, type ContenderOptions } from './contender.ts';
import type { ContenderName } from './contenders.ts';
import { type Problem, problemOf } from './problem.ts';
import type { Prepared, Timed } from './protocol.ts';
import { type Expected, referenceOf } from './reference/referenceOf.ts';
import type { ContenderResult, RowResult } from './results.ts';
import { probesOf, verdict } from './verdict.ts';
import type { Workload } from './workload.ts';

export interface MeasureOptions {
  names: readonly ContenderName[];
  rounds: number;
  /** A round is as many runs as take so long, milliseconds; one at least. */
  roundMs: number;
  /** The adapter all must run on (adapterText.ts). torch has none. */
  adapter: string;
  environment?: ContenderOptions['environment'];
  /** Told what happens. Default: nobody. */
  onProgress?: (text: string) => void;
}

/** A problem with its right answer. */
export interface CheckedProblem {
  readonly problem: Problem;
  readonly expected: Expected;
}

/** A contender that is running, or why it is not. */
export interface Entered {
  readonly result: ContenderResult;
  readonly contender?: Contender;
}

const MAX_RUNS = 200;

export async function measureRow(workload: Workload, options: MeasureOptions): Promise<RowResult> {
  const { names, rounds, roundMs, onProgress = () => {} } = options;
  onProgress(`${workload.title}: reference`);
  const checked = checkedProblem(workload);
  if (workload.isCold) return measureCold(checked, options);

  const entered: Entered[] = [];
  try {
    for (const name of names) entered.push(await enter(name, checked, options));
    const runs = new Map<ContenderName, number>();
    const right = () => entered.filter(({ result, contender }) => contender && result.wrong === undefined);
    for (const { contender, result } of right()) {
      onProgress(`${workload.title}: ${contender!.name} warms up`);
      const warm = await timed(contender!, result, 1);
      if (warm) runs.set(result.name, Math.min(MAX_RUNS, Math.max(1, Math.round(roundMs / warm.msPerRun))));
    }
    for (let round = 0; round < rounds; round++) {
      for (const { contender, result } of round % 2 ? right().toReversed() : right()) {
        onProgress(`${workload.title}: ${result.name}, round ${round + 1} of ${rounds}`);
        const answer = await timed(contender!, result, runs.get(result.name)!);
        if (answer) result.ms.push(answer.msPerRun);
      }
    }
    for (const { result } of entered) if (result.wrong !== undefined) result.ms = [];
  } finally {
    await Promise.all(entered.map(({ contender }) => contender?.quit()));
  }
  return { workload, contenders: entered.map(({ result }) => result) };
}

export function checkedProblem(workload: Workload): CheckedProblem {
  const unprobed = problemOf(workload);
  const expected = referenceOf(unprobed);
  return { problem: { ...unprobed, probes: probesOf(expected) }, expected };
}

/** Starts a contender, does the checked runs and judges them; one that failed or is wrong says so. */
export async function enter(
  name: ContenderName,
  { problem, expected }: CheckedProblem,
  { environment, adapter, onProgress = () => {} }: Pick<MeasureOptions, 'environment' | 'adapter' | 'onProgress'>,
): Promise<Entered> {
  const { workload, probes } = problem;
  onProgress(`${workload.title}: ${name}, first run`);
  const result: ContenderResult = { name, ms: [], gpuErrors: 0, idleLoad: 0 };
  const contender = new Contender(name, { isCold: workload.isCold, environment });
  try {
    const prepared = await contender.prepare(problem);
    const { version, setupMs, firstMs } = prepared;
    Object.assign(result, { version, adapter: prepared.adapter, setupMs, firstMs });
    result.wrong =
      gpuError(prepared, result) ??
      verdict(prepared, { workload, expected, probes }) ??
      otherAdapter(prepared, { name, adapter });
  } catch (error) {
    result.wrong = firstLines((error as Error).message);
  }
  if (result.wrong === undefined) {
    delete result.wrong;
    return { result, contender };
  }
  await contender.quit();
  return { result };
}

/** One after the other, each ended before the next starts. */
async function measureCold(checked: CheckedProblem, options: MeasureOptions): Promise<RowResult> {
  const results: ContenderResult[] = [];
  for (const name of options.names) {
    const { contender, result } = await enter(name, checked, options);
    await contender?.quit();
    if (result.wrong === undefined) result.ms.push(result.firstMs!);
    results.push(result);
  }
  return { workload: checked.problem.workload, contenders: results };
}

/** Undefined when it failed, which `result` then says. */
async function timed(contender: Contender, result: ContenderResult, runs: number): Promise<Timed | undefined> {
  try {
    const answer = await contender.time(runs);
    const { idleMs, idleCpuMs } = answer;
    result.idleLoad = Math.max(result.idleLoad, idleMs > 1000 ? idleCpuMs / idleMs : 0);
    const wrong = gpuError(answer, result);
    if (wrong === undefined) return answer;
    result.wrong = wrong;
  } catch (error) {
    result.wrong = firstLines((error as Error).message);
  }
  return undefined;
}

function gpuError(
  { gpuErrors, firstGpuError }: Pick<Prepared, 'gpuErrors' | 'firstGpuError'>,
  result: ContenderResult,
): string | undefined {
  result.gpuErrors = gpuErrors;
  return gpuErrors ? `${gpuErrors} GPU errors, the first: ${firstLines(firstGpuError)}` : undefined;
}

function otherAdapter({ adapter }: Prepared, wanted: { name: ContenderName; adapter: string }): string | undefined {
  if (wanted.name === 'torch' || adapter === wanted.adapter) return undefined;
  return `ran on ${adapter} instead of ${wanted.adapter}`;
}

/** A stack trace or a shader says enough in its first lines. */
function firstLines(text: string): string {
  return text.split('\n').slice(0, 4).join('\n').slice(0, 500);
}

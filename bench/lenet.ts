// The first benchmark: one LeNet-5 training step at batch 64 (forward, softmax cross-entropy, backward, SGD) in wgrad
// and in its peers, on the same adapter, in alternating rounds of one run. Every contender is a fresh process and is
// checked against a float64 reference before it is timed.
//   npx tsx bench/lenet.ts                       the median step of 5 alternating rounds of 5 steps
//   npx tsx bench/lenet.ts --cold                the first step alone, the drivers' shader caches off
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { openAdapter } from '../engine/node/adapters.ts';
import { Contender } from './contender.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { makeProblem, type Problem } from './problem.ts';
import { referenceSteps, type StepResult } from './referenceStep.ts';
import { type ContenderResult, formatReport } from './report.ts';
import { verdict } from './verdict.ts';

/**
 * The programs, in the order of the table: each calls `serveContender` (serveContender.ts) with its own training step.
 * `torch`, PyTorch's native CPU code, is a yardstick, not a peer.
 */
const programs: Record<string, string> = {
  wgrad: './contenders/wgrad.ts',
  tfjs: './contenders/tfjs.ts',
  'jax-js': './contenders/jaxjs.ts',
  torch: './contenders/pytorch.py',
};
const checkedSteps = 3;

interface Options {
  rounds: number;
  steps: number;
  cold: boolean;
  json?: string;
  only: string[];
}

const options = new Command('lenet')
  .description('Times a LeNet-5 training step at batch 64 against tfjs and jax-js on the same adapter.')
  .option('--rounds <count>', 'alternating rounds; the median counts', positiveInteger, 5)
  .option('--steps <count>', 'steps in a round', positiveInteger, 5)
  .option('--cold', 'time only the first step, with the shader caches off', false)
  .option('--json <file>', 'write the results there too')
  .option('--only <names>', `of ${Object.keys(programs).join(', ')}`, contenderNames, defaultNames())
  .parse()
  .opts<Options>();

/** The one that `WGRAD_ADAPTER` asks for, else the best; the children find it by these variables. */
const found = await openAdapter();
const problem = makeProblem();
const reference = referenceSteps(problem, checkedSteps);
const results = options.cold ? await measureCold() : await measureRounds();
const report = { ...environment(), batchSize: problem.batchSize, cold: options.cold, contenders: results };
console.log(formatReport(report));
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
if (results.some((result) => result.wrong !== undefined)) process.exitCode = 1;

/** One contender after the other, each ended before the next starts. */
async function measureCold(): Promise<ContenderResult[]> {
  const results: ContenderResult[] = [];
  for (const name of options.only) {
    const { contender, result } = await prepare(name, problem, reference);
    await contender?.quit();
    results.push(result);
  }
  return results;
}

/** All contenders alive, one working while the others wait; the order turns around each round. */
async function measureRounds(): Promise<ContenderResult[]> {
  const entered = [];
  for (const name of options.only) entered.push(await prepare(name, problem, reference));
  const timed = entered.filter(({ contender, result }) => contender && result.wrong === undefined);
  for (let round = 0; round < options.rounds; round++) {
    for (const { contender, result } of round % 2 === 0 ? timed : timed.toReversed()) {
      if (result.wrong !== undefined) continue;
      progress(`${result.name}: round ${round + 1} of ${options.rounds}`);
      try {
        const { msPerStep, gpuErrors, idleMs, idleCpuMs } = await contender!.round(options.steps);
        result.stepMs.push(msPerStep);
        result.gpuErrors = gpuErrors;
        result.idleLoad = Math.max(result.idleLoad, idleMs > 1000 ? idleCpuMs / idleMs : 0);
      } catch (error) {
        result.wrong = (error as Error).message;
      }
    }
  }
  progress('');
  await Promise.all(entered.map(({ contender }) => contender?.quit()));
  return entered.map(({ result }) => result);
}

/** Starts a contender, runs its first steps and checks them; one that failed or is wrong says so in `wrong`. */
async function prepare(
  name: string,
  problem: Problem,
  reference: StepResult[],
): Promise<{ contender?: Contender; result: ContenderResult }> {
  progress(`${name}: first steps`);
  const result: ContenderResult = { name, stepMs: [], gpuErrors: 0, idleLoad: 0 };
  let contender: Contender | undefined;
  try {
    contender = new Contender(name, programs[name], { cold: options.cold, environment: found.environment });
    const { version, adapter, setupMs, firstStepMs, gpuErrors, losses, weights } = await contender.prepare(
      problem,
      checkedSteps,
    );
    const reason = verdict({ losses, weights }, problem, reference);
    const wrong = reason && `${name}: ${reason}`;
    Object.assign(result, { version, adapter, setupMs, firstStepMs, gpuErrors, wrong });
  } catch (error) {
    result.wrong = (error as Error).message;
  }
  return { contender, result };
}

/** torch takes part only where a Python that has it is named. */
function defaultNames(): string[] {
  return Object.keys(programs).filter((name) => name !== 'torch' || process.env.WGRAD_PYTHON);
}

function contenderNames(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(name in programs));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${unknown} is none of ${Object.keys(programs).join(', ')}`);
  return names;
}

/** A line that overwrites itself on a terminal, and nothing elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

// Gives a reader's inputs to worker threads and watches them: one that hangs or dies is ended, its input kept, and
// another goes on behind it.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { inputsOf } from './inputOf.ts';
import { Tally, type TallyValues } from './tally.ts';
import type { Target } from './target.ts';
import { targetNamed } from './targets.ts';
import type { FoundProblem, Work } from './worker.ts';

export interface Failure extends FoundProblem {
  readonly reader: string;
  readonly seed: number;
}

export interface ReaderResult extends Omit<TallyValues, 'index' | 'startedAt'> {
  readonly reader: string;
  readonly inputs: number;
  readonly failures: readonly Failure[];
}

/** Of one input. Much more than what is called a hang, as threads of a busy machine wait; workers measure for themselves. */
const STUCK_MS = 20_000;
const WATCH_MS = 200;
/** The heap of a worker, beyond which it is ended: nothing a reader of small files may need. */
const MAX_HEAP_MIB = 1024;

/** Of `count` inputs in all, those of each reader by its share. */
export function countsByShare(targets: readonly Target[], count: number): Map<string, number> {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const counts = new Map(targets.map(({ name, share }) => [name, Math.floor((count * share) / shares)]));
  const given = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const [first] = targets;
  if (first) counts.set(first.name, counts.get(first.name)! + count - given);
  return counts;
}

/** Inputs 0 to `inputs - 1` of one reader. */
export async function runReader(
  reader: string,
  { inputs, seed, stuckMs = STUCK_MS, stuckAt }: { inputs: number; seed: number; stuckMs?: number; stuckAt?: number },
): Promise<ReaderResult> {
  const makeInput = inputsOf(targetNamed(reader), seed);
  const failures: Failure[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-fuzz-'));
  const result = { accepted: 0, refused: 0, failed: 0, slowestMs: 0, slowestIndex: 0, mostBytes: 0, mostIndex: 0 };
  for (let from = 0; from < inputs; ) {
    const tally = new Tally();
    tally.set('index', from);
    const work: Work = { reader, seed, from, to: inputs, memory: tally.memory, folder, stuckAt };
    const found = (problem: FoundProblem) => failures.push({ reader, seed, ...problem });
    const ended = await runWorker(work, { tally, stuckMs, found });
    const values = tally.values();
    for (const key of ['accepted', 'refused', 'failed'] as const) result[key] += values[key];
    if (values.slowestMs > result.slowestMs)
      Object.assign(result, { slowestMs: values.slowestMs, slowestIndex: values.slowestIndex });
    if (values.mostBytes > result.mostBytes)
      Object.assign(result, { mostBytes: values.mostBytes, mostIndex: values.mostIndex });
    if (ended === undefined) break;
    const { index } = values;
    const input = Buffer.from(makeInput(index)).toString('base64');
    found({ index, problem: ended, input, smallest: input });
    result.failed++;
    from = index + 1;
  }
  rmSync(folder, { recursive: true, force: true });
  return { reader, inputs, failures, ...result };
}

/** @returns why it ended before its work was done; undefined where it was */
async function runWorker(
  work: Work,
  { tally, stuckMs, found }: { tally: Tally; stuckMs: number; found: (problem: FoundProblem) => void },
): Promise<string | undefined> {
  const worker = startWorker(work);
  let reason: string | undefined;
  worker.on('message', found);
  worker.on('error', (error) => {
    reason = `ends the thread: ${error.name}: ${error.message.slice(0, 120)}`;
  });
  const watch = setInterval(() => {
    const startedAt = tally.get('startedAt');
    if (startedAt === 0 || Date.now() - startedAt < stuckMs) return;
    reason = `does not end within ${stuckMs} ms`;
    void worker.terminate();
  }, WATCH_MS);
  const code = await new Promise<number>((resolve) => worker.on('exit', resolve));
  clearInterval(watch);
  const done = tally.get('accepted') + tally.get('refused') + tally.get('failed');
  return reason ?? (done === work.to - work.from ? undefined : `ends the thread with code ${code}`);
}

/** What went wrong in the worker itself must not look like an input's lost rejection. */
const THROW = '(error) => setImmediate(() => { throw error; })';

/** Under tsx, which registers itself in the main thread alone (Node 20). */
function startWorker(work: Work): Worker {
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  ).href;
  const entry = new URL('./worker.ts', import.meta.url).href;
  const [register, url] = [tsx, entry].map((text) => JSON.stringify(text));
  const program = `import(${register}).then(({ register }) => { register(); return import(${url}); }).catch(${THROW});`;
  const resourceLimits = { maxOldGenerationSizeMb: MAX_HEAP_MIB };
  return new Worker(program, { eval: true, execArgv: [], workerData: work, resourceLimits });
}

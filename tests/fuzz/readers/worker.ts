// A thread that reads inputs one after the other; runReaders.ts watches it.
import { parentPort, workerData } from 'node:worker_threads';
import { meterAllocations } from './allocations.ts';
import { examine, type Instruments } from './examine.ts';
import { watchExecutions } from './executions.ts';
import { inputsOf } from './inputOf.ts';
import { minimise } from './minimise.ts';
import { Tally } from './tally.ts';
import { targetNamed } from './targets.ts';

export interface Work {
  readonly reader: string;
  readonly seed: number;
  /** First input, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly memory: SharedArrayBuffer;
  /** For readers of paths; whoever started the thread removes it. */
  readonly folder: string;
  /** For the test of the watch: the thread never gets beyond this input. */
  readonly stuckAt?: number | undefined;
}

export interface FoundProblem {
  readonly index: number;
  readonly problem: string;
  /** Base64. */
  readonly input: string;
  readonly smallest: string;
}

/** Of one problem; more teach nothing. */
const KEPT = 3;

const { reader, seed, from, to, memory, folder, stuckAt } = workerData as Work;
const target = targetNamed(reader);
const makeInput = inputsOf(target, seed);
const tally = new Tally(memory);
let lost: string[] = [];
process.on('unhandledRejection', (reason) => lost.push(String(reason)));
const instruments: Instruments = {
  folder,
  lostRejections: () => {
    const taken = lost;
    lost = [];
    return taken;
  },
  executions: watchExecutions({ allowFunction: reader === 'jpeg' }),
  meter: meterAllocations(),
};
const counts = new Map<string, number>();
// modules are loaded and decoders compiled at the first call: that is not the input's doing
await examine(target, target.seeds()[0]!, instruments);
for (let index = from; index < to; index++) await readInput(index);

async function readInput(index: number): Promise<void> {
  const input = makeInput(index);
  tally.set('index', index);
  tally.set('startedAt', Date.now());
  while (index === stuckAt);
  const { ms, bytes, isAccepted, problem } = await examine(target, input, instruments);
  tally.add(problem ? 'failed' : isAccepted ? 'accepted' : 'refused', 1);
  if (ms > tally.get('slowestMs')) {
    tally.set('slowestMs', ms);
    tally.set('slowestIndex', index);
  }
  if (bytes > tally.get('mostBytes')) {
    tally.set('mostBytes', bytes);
    tally.set('mostIndex', index);
  }
  tally.set('startedAt', 0);
  if (problem) await report(index, input, problem);
  // timers and rejections of this thread get their turn
  if (index % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
}

async function report(index: number, input: Uint8Array, problem: string): Promise<void> {
  const count = (counts.get(problem) ?? 0) + 1;
  counts.set(problem, count);
  if (count > KEPT) return;
  const isFast = !problem.startsWith('takes');
  const fails = async (shorter: Uint8Array) => (await examine(target, shorter, instruments)).problem === problem;
  const smallest = isFast ? await minimise(input, fails) : input;
  const found: FoundProblem = { index, problem, input: base64(input), smallest: base64(smallest) };
  parentPort!.postMessage(found);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

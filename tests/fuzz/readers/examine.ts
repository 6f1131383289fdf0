// One input given to its reader, and what came of it.
import type { AllocationMeter } from './allocations.ts';
import type { ExecutionWatch } from './executions.ts';
import type { Target } from './target.ts';

/** Longer is a hang. */
export const MAX_MS = 1000;
/** What took too long is timed again, and the shortest time counts. */
const TIMINGS = 3;

export interface Examined {
  /** By the clock or of the processor, whichever is shorter: a thread of a busy machine has to wait. */
  readonly ms: number;
  readonly bytes: number;
  readonly isAccepted: boolean;
  /** What is wrong; undefined where the reader did one of the two things it may do. */
  readonly problem?: string;
}

export interface Instruments {
  readonly meter: AllocationMeter;
  readonly executions: ExecutionWatch;
  /** Of this thread alone. */
  readonly folder: string;
  /** Rejections that nobody waited for, since the last call. */
  readonly lostRejections: () => string[];
}

export async function examine(target: Target, input: Uint8Array, instruments: Instruments): Promise<Examined> {
  let examined = await once(target, input, instruments);
  for (let left = TIMINGS - 1; examined.ms > MAX_MS && left > 0; left--) {
    const again = await once(target, input, instruments);
    examined = { ...again, ms: Math.min(again.ms, examined.ms), bytes: Math.min(again.bytes, examined.bytes) };
  }
  if (examined.problem || examined.ms <= MAX_MS) return examined;
  return { ...examined, problem: `takes more than ${MAX_MS} ms` };
}

async function once(target: Target, input: Uint8Array, instruments: Instruments): Promise<Examined> {
  const { meter, executions, folder, lostRejections } = instruments;
  const given = Uint8Array.from(input);
  meter.begin();
  const started = performance.now();
  const cpuStarted = process.cpuUsage();
  let isAccepted = false;
  let problem: string | undefined;
  try {
    await target.read(given, folder);
    isAccepted = true;
  } catch (error) {
    problem = wrongError(target, error);
  }
  const { user, system } = process.cpuUsage(cpuStarted);
  const ms = Math.min(performance.now() - started, (user + system) / 1000);
  const bytes = meter.bytes();
  const bound = target.bound.base + target.bound.perByte * input.length;
  if (bytes > bound) problem ??= 'allocates more than its bound';
  const executed = executions.taken();
  if (executed.length > 0) problem = `runs something: ${executed.join(', ')}`;
  if (isPolluted()) problem = 'changes the prototype of all objects';
  if (given.some((byte, i) => byte !== input[i])) problem ??= 'changes its input';
  const lost = lostRejections();
  if (lost.length > 0) problem ??= `leaves a rejection to nobody: ${lost[0]}`;
  return { ms, bytes, isAccepted, ...(problem === undefined ? {} : { problem }) };
}

/** Undefined for an error that the reader promises. */
function wrongError(target: Target, error: unknown): string | undefined {
  if (target.refusals.some((promised) => error instanceof promised) && (error as Error).message !== '')
    return undefined;
  if (!(error instanceof Error)) return `throws ${typeof error}`;
  const place = /\n\s+at .*?([^/\\()]+\.[cm]?[jt]s:\d+)/.exec(error.stack ?? '')?.[1] ?? 'somewhere';
  return `throws ${error.constructor.name} at ${place}: ${error.message.slice(0, 120)}`;
}

function isPolluted(): boolean {
  for (const _ in {}) return true;
  return 'polluted' in Object.prototype || Object.keys(Array.prototype).length > 0;
}

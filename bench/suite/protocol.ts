// The messages between the benchmark's parent and its contenders: one request, one response, as JSON over Node's
// IPC channel. A contender in another language speaks it too: newline-delimited JSON on the descriptor NODE_CHANNEL_FD.
import type { Problem } from './problem.ts';

export type Request = PrepareRequest | TimeRequest | { type: 'quit' };
export type Response = Prepared | Timed | { type: 'failed'; reason: string } | { type: 'bye' };

/** Create the device, upload the problem, do the checked runs one by one and report what came out. */
export interface PrepareRequest {
  type: 'prepare';
  problem: Problem;
  /** `checkedRuns` of the workload. */
  runs: number;
}

/** Run `runs` times more, wait for the last to finish by reading from its result, report the mean time. */
export interface TimeRequest {
  type: 'time';
  runs: number;
}

/** What a contender computed; JSON turns a NaN or an infinity into null. */
export interface Outcome {
  /** The loss of each checked run; empty where there is none. */
  losses: (number | null)[];
  /** The values at the problem's probes. */
  samples: Record<string, (number | null)[]>;
}

/** GPU buffers created and not destroyed, as Dawn was asked for them; null for a contender without Dawn. */
export interface BufferCount {
  buffers: number;
  bytes: number;
  peakBytes: number;
}

interface Watched {
  /** Uncaptured GPU errors since the process started, and the first one's words. */
  gpuErrors: number;
  firstGpuError: string;
  memory: BufferCount | null;
}

export interface Prepared extends Outcome, Watched {
  type: 'prepared';
  version: string;
  /** The adapter and driver it ran on. */
  adapter: string;
  /** Loading the library, creating the device, uploading the problem. */
  setupMs: number;
  /** From the call of the first run until its result was read: compilation included, setup not. */
  firstMs: number;
}

export interface Timed extends Watched {
  type: 'timed';
  msPerRun: number;
  /** How long it had waited for this request, and the processor time it used meanwhile. */
  idleMs: number;
  idleCpuMs: number;
}

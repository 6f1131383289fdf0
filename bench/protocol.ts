// The messages between the benchmark's parent and its contenders: one request, one response, as JSON over Node's
// IPC channel. A contender in another language speaks it too: newline-delimited JSON on the descriptor NODE_CHANNEL_FD.
import type { Problem } from './problem.ts';
import type { Outcome } from './verdict.ts';

export type Request = PrepareRequest | RoundRequest | QuitRequest;
export type Response = Prepared | Round | Failed | Bye;

/** Create the device, upload the problem, run `firstSteps` steps one by one and report what came out. */
export interface PrepareRequest {
  type: 'prepare';
  problem: Problem;
  firstSteps: number;
}

/** Run `steps` more steps, wait for the last of them to finish, report the mean time. */
export interface RoundRequest {
  type: 'round';
  steps: number;
}

export interface QuitRequest {
  type: 'quit';
}

export interface Prepared extends Outcome {
  type: 'prepared';
  version: string;
  /** The adapter and driver it ran on. */
  adapter: string;
  /** Loading the library, creating the device, uploading the problem. */
  setupMs: number;
  /** From the call of the first step until its loss was read: compilation included, setup not. */
  firstStepMs: number;
  /** Uncaptured GPU errors since the process started. */
  gpuErrors: number;
}

export interface Round {
  type: 'round';
  msPerStep: number;
  gpuErrors: number;
  /** How long it had waited for this request, and the processor time it used meanwhile. */
  idleMs: number;
  idleCpuMs: number;
}

export interface Failed {
  type: 'failed';
  reason: string;
}

export interface Bye {
  type: 'bye';
}

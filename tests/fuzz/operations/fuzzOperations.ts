// Draws problems of every operation in turn and holds the GPU against the float64 reference.
import type { Room } from '../../../kernels/registry.ts';
import { uniformFrom } from '../../../lab/inputs.ts';
import { caseText } from './caseText.ts';
import { recording, replaying } from './choices.ts';
import { type Devices, drawProblem, type Outcome, runProblem } from './problem.ts';
import { shrunk } from './shrink.ts';

/** What it takes to run one failing problem again, on the adapter it failed on. */
export interface Failure {
  readonly adapter: string;
  readonly operation: string;
  /** Of the values. */
  readonly seed: number;
  readonly choices: readonly number[];
  readonly failure: string;
  /** The smallest failing problem, ready to paste. */
  readonly smallest: string;
}

export interface Tally {
  draws: number;
  /** Launches that cannot be cut to 4 KiB, and say so. */
  refused: number;
  failures: number;
  /** Largest error of all draws as a part of what is allowed. */
  worst: number;
}

export interface FuzzOptions {
  readonly rooms: readonly Room[];
  readonly adapter: string;
  readonly seed: number;
  /** Ends at whichever comes first. */
  readonly draws: number;
  readonly seconds: number;
  /** Told every so often. */
  readonly progress: (draws: number, failures: number) => void;
}

/** Of one operation, a fault shows in many draws: that many are shrunk and kept, the rest counted. */
const MOST_SHRUNK = 2;

export async function fuzzOperations(
  devices: Devices,
  { rooms, adapter, seed, draws, seconds, progress }: FuzzOptions,
): Promise<{ tallies: ReadonlyMap<string, Tally>; failures: Failure[] }> {
  const tallies = new Map(
    rooms.map(({ operation }) => [operation.name, { draws: 0, refused: 0, failures: 0, worst: 0 }]),
  );
  const failures: Failure[] = [];
  const end = performance.now() + seconds * 1000;
  let failed = 0;
  for (let i = 0; i < draws && performance.now() < end; i++) {
    const room = rooms[i % rooms.length];
    const { name: operation } = room.operation;
    const tally = tallies.get(operation)!;
    const choices: number[] = [];
    const problem = drawProblem(room, recording(uniformFrom(seed + i), choices), devices);
    const outcome = await runProblem(devices, room, problem, seed + i);
    count(tally, outcome);
    if (outcome.failure) failed++;
    if (outcome.failure && tally.failures <= MOST_SHRUNK) {
      const failing = { adapter, operation, seed: seed + i, choices, failure: outcome.failure };
      failures.push({ ...failing, smallest: await smallestOf(devices, room, failing) });
    }
    if (i % 500 === 499) progress(i + 1, failed);
  }
  return { tallies, failures };
}

/** Runs kept failures again. @returns those that still fail */
export async function replay(devices: Devices, rooms: readonly Room[], kept: readonly Failure[]): Promise<Failure[]> {
  const still: Failure[] = [];
  for (const failure of kept) {
    const room = rooms.find(({ operation }) => operation.name === failure.operation);
    if (!room) throw new Error(`the file of failures names an operation '${failure.operation}', which there is not`);
    const problem = drawProblem(room, replaying(failure.choices), devices);
    const outcome = await runProblem(devices, room, problem, failure.seed);
    if (outcome.failure) still.push({ ...failure, failure: outcome.failure });
  }
  return still;
}

function count(tally: Tally, { failure, isRefused, worst }: Outcome): void {
  tally.draws++;
  if (isRefused) tally.refused++;
  if (failure) tally.failures++;
  tally.worst = Math.max(tally.worst, worst);
}

async function smallestOf(
  devices: Devices,
  room: Room,
  { choices, seed, failure }: Pick<Failure, 'choices' | 'seed' | 'failure'>,
): Promise<string> {
  const problem = await shrunk(devices, room, choices, seed);
  const { failure: now = failure } = await runProblem(devices, room, problem, seed);
  return caseText(room, problem, { seed, failure: now });
}

// The child's side of the benchmark: turns a `LenetTrainer` into a process that answers the parent's requests.
// Between requests it only waits for the next message.
import { type DawnWatch, installDawn } from './installDawn.ts';
import type { LenetWeights, Problem } from './problem.ts';
import type { Prepared, Request, Response, Round } from './protocol.ts';

/** LeNet-5 training as one library does it: batch and weights on the device, plain SGD. */
export interface LenetTrainer {
  /** Enqueues one step: forward, softmax cross-entropy, backward, update. */
  step(): void;
  /** Waits until every step so far, updates included, is done; returns the last step's loss. */
  finish(): Promise<number>;
  /** Reads all weights, in PyTorch's layouts. */
  weights(): Promise<LenetWeights>;
}

export interface ContenderDefinition {
  /** The version of the library, as its package says. */
  version: string;
  /** Loads the library, creates its device and uploads the problem. It compiles nothing: that is the first step's. */
  create(problem: Problem): Promise<LenetTrainer>;
}

/** Serves the parent's requests until it says `quit` or goes away. */
export function serveContender({ version, create }: ContenderDefinition): void {
  const watch = installDawn();
  let trainer: LenetTrainer | undefined;
  let idleSince = sample();

  process.on('disconnect', () => process.exit(0));
  process.on('message', async (request: Request) => {
    const idleCpuMs = (process.cpuUsage(idleSince.cpu).user + process.cpuUsage(idleSince.cpu).system) / 1000;
    const idle = { idleMs: performance.now() - idleSince.time, idleCpuMs };
    try {
      await respond(await answer(request, idle));
    } catch (error) {
      await respond({
        type: 'failed',
        reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    if (request.type === 'quit') process.exit(0);
    idleSince = sample();
  });

  async function answer(request: Request, idle: Pick<Round, 'idleMs' | 'idleCpuMs'>): Promise<Response> {
    if (request.type === 'prepare') {
      const start = performance.now();
      trainer = await create(request.problem);
      const setupMs = performance.now() - start;
      return prepare(trainer, { version, setupMs, firstSteps: request.firstSteps, watch });
    }
    if (request.type === 'round') {
      if (!trainer) throw new Error('round before prepare');
      const start = performance.now();
      for (let i = 0; i < request.steps; i++) trainer.step();
      await trainer.finish();
      const msPerStep = (performance.now() - start) / request.steps;
      return { type: 'round', msPerStep, gpuErrors: watch.gpuErrors.length, ...idle };
    }
    return { type: 'bye' };
  }
}

async function prepare(
  trainer: LenetTrainer,
  { version, setupMs, firstSteps, watch }: { version: string; setupMs: number; firstSteps: number; watch: DawnWatch },
): Promise<Prepared> {
  const losses: number[] = [];
  let firstStepMs = 0;
  for (let i = 0; i < firstSteps; i++) {
    const start = performance.now();
    trainer.step();
    losses.push(await trainer.finish());
    if (i === 0) firstStepMs = performance.now() - start;
  }
  const weights = await trainer.weights();
  const { adapter, gpuErrors } = watch;
  return { type: 'prepared', version, adapter, setupMs, firstStepMs, losses, weights, gpuErrors: gpuErrors.length };
}

function sample(): { time: number; cpu: NodeJS.CpuUsage } {
  return { time: performance.now(), cpu: process.cpuUsage() };
}

/** Resolves once the message has left, so that `quit` does not exit before its answer is out. */
function respond(response: Response): Promise<void> {
  return new Promise((resolve) => process.send!(response, () => resolve()));
}

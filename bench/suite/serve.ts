// The child's side of the benchmark: turns a library into a process that answers the parent's requests.
// Between requests it only waits for the next message.
import { type DawnWatch, installDawn } from './installDawn.ts';
import type { Problem } from './problem.ts';
import type { PrepareRequest, Request, Response } from './protocol.ts';

/** One workload as one library does it, its inputs on the device. */
export interface Work {
  /** Enqueues one run; the first may wait for what it compiles. */
  run(): void | Promise<void>;
  /** Waits until every run so far is done, by reading one number of the last one's result; a step's is its loss. */
  finish(): Promise<number>;
  /** What came out so far, in PyTorch's layouts: gradients, a result `y`, or a step's parameters. */
  outputs(): Promise<Readonly<Record<string, ArrayLike<number>>>>;
}

export interface Library {
  /** Of the library, as its package says. */
  readonly version: string;
  /** Loads the library, creates its device and uploads the problem. It compiles nothing: that is the first run's. */
  create(problem: Problem): Promise<Work>;
}

/** Serves the parent's requests until it says `quit` or goes away. */
export function serve({ version, create }: Library): void {
  const watch = installDawn();
  let work: Work | undefined;
  let idleSince = sample();

  process.on('disconnect', () => process.exit(0));
  process.on('message', async (request: Request) => {
    const cpu = process.cpuUsage(idleSince.cpu);
    const idle = { idleMs: performance.now() - idleSince.time, idleCpuMs: (cpu.user + cpu.system) / 1000 };
    let response: Response;
    try {
      response = await answer(request, idle);
    } catch (error) {
      response = { type: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    // once the message has left, so that `quit` does not exit before its answer is out
    await new Promise((resolve) => process.send!(response, resolve));
    if (request.type === 'quit') process.exit(0);
    idleSince = sample();
  });

  async function answer(request: Request, idle: { idleMs: number; idleCpuMs: number }): Promise<Response> {
    if (request.type === 'quit') return { type: 'bye' };
    if (request.type === 'prepare') {
      const start = performance.now();
      work = await create(request.problem);
      const setupMs = performance.now() - start;
      return { type: 'prepared', version, adapter: watch.adapter, setupMs, ...(await check(work, request, watch)) };
    }
    if (!work) throw new Error('time before prepare');
    const start = performance.now();
    for (let i = 0; i < request.runs; i++) await work.run();
    await work.finish();
    const msPerRun = (performance.now() - start) / request.runs;
    return { type: 'timed', msPerRun, ...idle, ...(await watched(watch)) };
  }
}

async function check(work: Work, { problem, runs }: PrepareRequest, watch: DawnWatch) {
  const losses: number[] = [];
  let firstMs = 0;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work.run();
    losses.push(await work.finish());
    if (i === 0) firstMs = performance.now() - start;
  }
  const outputs = await work.outputs();
  const samples = Object.fromEntries(
    Object.entries(problem.probes).map(([name, positions]) => [name, positions.map((at) => outputs[name]?.[at])]),
  );
  const isStep = problem.workload.kind === 'step';
  return { firstMs, losses: isStep ? losses : [], samples, ...(await watched(watch)) };
}

/** Dawn delivers errors in turns of the event loop after the work they belong to. */
async function watched({ gpuErrors, memory }: DawnWatch) {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  return { gpuErrors: gpuErrors.length, firstGpuError: gpuErrors[0] ?? '', memory: { ...memory } };
}

function sample(): { time: number; cpu: NodeJS.CpuUsage } {
  return { time: performance.now(), cpu: process.cpuUsage() };
}

// Where a step's time goes: runs it several times, each dispatch timed by itself.
import { ShapeError } from '../../kernels/errors.ts';
import type { Device } from '../device.ts';
import type { AnyModule } from '../nn/module.ts';
import { type ClockKind, type Phase, type ProfiledDispatch, Profiler } from './profiler.ts';

export interface ProfileOptions {
  /** Its layers are told apart by name. Default: none is, and every dispatch has the layer null. */
  model?: AnyModule;
  /** Timed runs. Default 5. */
  steps?: number;
  /** Runs before: they compile. Default 2. */
  warmUp?: number;
  /** Default: timestamps where the adapter has them, else the wall clock. */
  clock?: ClockKind;
}

export interface Profile {
  readonly adapter: string;
  /** `wallClock`: each dispatch ran a second time, alone, and the host waited for it. */
  readonly clock: ClockKind;
  readonly steps: number;
  /** A step as it runs when nobody watches, the GPU's queue empty before and after: median of as many, milliseconds. */
  readonly stepMs: number;
  /** Of all timed steps, in the order they ran. */
  readonly dispatches: readonly ProfiledDispatch[];
}

/** Says which phase a part of a step is. The backward pass is known without; all else is `forward`. */
export type InPhase = <T>(phase: Phase, work: () => T) => T;

/**
 * Profiles a step. Each run has a scope of its own; what `step` changes (parameters, statistics) stays changed.
 *
 *     const result = await profile(device, (inPhase) => {
 *       crossEntropy(model.call(x), labels).backward();
 *       inPhase('optimizer', () => optimizer.step());
 *     }, { model });
 *
 * With the wall clock the dispatches of all steps run again, so their results mean nothing afterwards.
 * @throws ShapeError for a number of steps that is no positive integer; what `step` throws
 */
export async function profile(
  device: Device,
  step: (inPhase: InPhase) => void | Promise<void>,
  { model, steps = 5, warmUp = 2, clock }: ProfileOptions = {},
): Promise<Profile> {
  if (!Number.isSafeInteger(steps) || steps < 1 || !Number.isSafeInteger(warmUp) || warmUp < 0) {
    throw new ShapeError(`profile: steps must be an integer from 1, warmUp one from 0, given ${steps} and ${warmUp}`);
  }
  const run = async (inPhase: InPhase) => {
    using _ = device.scope();
    await step(inPhase);
    device.recorder.flush();
  };
  for (let i = 0; i < warmUp; i++) await run(unobserved);
  await device.idle();
  const times: number[] = [];
  for (let i = 0; i < steps; i++) {
    const started = performance.now();
    await run(unobserved);
    await device.idle();
    times.push(performance.now() - started);
  }
  const profiler = new Profiler(device, clock);
  try {
    if (model) profiler.watch(model);
    for (let i = 0; i < steps; i++) {
      profiler.step = i;
      await run((phase, work) => observed(profiler, phase, work));
    }
  } catch (error) {
    profiler.abandon();
    throw error;
  }
  const dispatches = await profiler.stop();
  return { adapter: device.adapterName, clock: profiler.clock, steps, stepMs: median(times), dispatches };
}

function unobserved<T>(_: Phase, work: () => T): T {
  return work();
}

function observed<T>(profiler: Profiler, phase: Phase, work: () => T): T {
  const before = profiler.phase;
  profiler.phase = phase;
  try {
    return work();
  } finally {
    profiler.phase = before;
  }
}

/** @internal Of an odd number of values the one in the middle, of an even number the lower of two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}

// Times one problem: every dispatch of its forward and backward pass by itself, over many runs.

import { apply } from '../../engine/apply.ts';
import type { Device, Tensor } from '../../engine/index.ts';
import { type ClockKind, profile } from '../../engine/profile/index.ts';
import type { Operation } from '../../kernels/definition.ts';
import type { Room } from '../../kernels/registry.ts';
import { inputSpec, isDifferentiable } from '../../lab/checkCase.ts';
import { checkLoopGuard, LOOP_GUARD, loopBudget, withLoopGuard } from '../../lab/guardLoops.ts';
import { filled, uniformFrom } from '../../lab/inputs.ts';
import { type EditedShader, withShaders } from '../../lab/withShaders.ts';
import type { TimedProblem } from './timedProblems.ts';

export interface PhaseTime {
  readonly phase: 'forward' | 'backward';
  /** Of all its dispatches: mean of the middle half of the runs. */
  readonly milliseconds: number;
  readonly dispatches: number;
  /** Counted for matrix products, estimated for all else. */
  readonly flop: number;
  /** Of all bindings, each once. */
  readonly bytes: number;
}

export interface ProblemTimes {
  readonly clock: ClockKind;
  readonly runs: number;
  /** Whether an edited shader is among what ran. */
  readonly runsEdit: boolean;
  readonly phases: readonly PhaseTime[];
}

interface Timed {
  variant: string | undefined;
  edits: readonly EditedShader[];
}

/** Runs go on until they took as long, milliseconds. */
const LONG_ENOUGH = 150;
const RUNS = { least: 4, most: 60 };

/** @throws ShapeError for a problem that the operation refuses; KernelError for a loop that does not end */
export async function timeProblem(
  device: Device,
  room: Room,
  problem: TimedProblem,
  { variant, edits }: Timed,
): Promise<ProblemTimes> {
  const { options } = problem;
  using _ = device.scope();
  const tensors = tensorsOf(device, room, problem);
  const step = (operation: Operation<unknown>, inputs: Record<string, Tensor>) => () => {
    for (const tensor of Object.values(inputs)) tensor.grad = null;
    const { y } = apply(operation, inputs, options, { variant, device });
    if (y?.node) y.backward(dy);
  };
  const { y } = apply(room.operation, tensors, options, { variant, device });
  const dy = device.tensor(filled({ shape: y!.shape }, uniformFrom(1)).data, y!.shape, { dtype: y!.dtype });
  if (edits.length) {
    // what follows runs as it is written, so first it must be seen to end
    const trips = loopBudget(Object.values(problem.inputs).map(({ shape }) => shape));
    const guarded = edits.map((edit) => edit.guarded(trips));
    const guard = device.tensor(new Uint32Array(1));
    step(withLoopGuard(withShaders(room.operation, guarded)), { ...tensors, [LOOP_GUARD]: guard })();
    checkLoopGuard((await guard.data())[0]!, { label: guarded.map(({ label }) => label).join(', '), trips });
  }
  const operation = withShaders(
    room.operation,
    edits.map(({ shader }) => shader),
  );
  const run = step(operation, tensors);
  const { stepMs } = await profile(device, run, { steps: 1, warmUp: 1 });
  const runs = Math.min(Math.max(Math.ceil(LONG_ENOUGH / Math.max(stepMs, 1e-3)), RUNS.least), RUNS.most);
  const { dispatches, clock } = await profile(device, run, { steps: runs, warmUp: 0 });
  const phases = (['forward', 'backward'] as const).flatMap((phase) => {
    const own = dispatches.filter((dispatch) => dispatch.phase === phase);
    if (!own.length) return [];
    const sums = new Array<number>(runs).fill(0);
    for (const { step: at, duration } of own) sums[at] = sums[at]! + duration / 1e6;
    const perRun = (of: (dispatch: (typeof own)[number]) => number) =>
      own.filter((dispatch) => dispatch.step === 0).reduce((sum, dispatch) => sum + of(dispatch), 0);
    return [
      {
        phase,
        milliseconds: middleMean(sums),
        dispatches: perRun(() => 1),
        flop: perRun(({ flop }) => flop),
        bytes: perRun(({ bytes }) => bytes),
      },
    ];
  });
  const edited = new Set(edits.map(({ shader }) => shader.label));
  return { clock, runs, runsEdit: dispatches.some(({ kernel }) => edited.has(kernel)), phases };
}

function tensorsOf(device: Device, room: Room, { inputs }: TimedProblem): Record<string, Tensor> {
  const uniform = uniformFrom(0);
  const tensors: Record<string, Tensor> = {};
  for (const [name, input] of Object.entries(inputs)) {
    const { dtype, layout } = inputSpec(room, name);
    const { data, shape } = filled(input, uniform);
    tensors[name] = device.tensor(data, shape, { ...(dtype && { dtype }), layout });
    tensors[name].requiresGrad = Boolean(room.operation.backward) && isDifferentiable(room, name);
  }
  return tensors;
}

/** Timestamps are rounded, to 100 µs in most browsers: their mean is right where their median is 0. */
function middleMean(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4);
  const middle = [...values].sort((a, b) => a - b).slice(quarter, values.length - quarter);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

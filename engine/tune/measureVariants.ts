// Times the variants of what was met without a measurement, and keeps the fastest of each.
import type { Launch, Plan, Problem, TensorSpec } from '../../kernels/definition.ts';
import { KernelError, OutOfMemoryError, ShapeError } from '../../kernels/errors.ts';
import { runPlan } from '../apply.ts';
import type { Device } from '../device.ts';
import { fillUniform } from '../functional/random.ts';
import { isFloat } from '../precision.ts';
import { forwardMacs } from '../profile/flop.ts';
import { timeDispatches } from '../profile/timeDispatches.ts';
import { Tensor } from '../tensor.ts';
import type { PendingProblem, TunedChoice } from './tuner.ts';

export interface Measured extends PendingProblem, TunedChoice {
  /** The variant that the room chooses by itself, where it is one of them. */
  readonly byDefault: string | undefined;
}

export interface MeasureOptions {
  /** Timed runs of each variant after two that warm up; the fastest counts. Default 5. */
  runs?: number;
  onMeasured?: (measured: Measured) => void;
}

/** Tried at most, the room's own choice included. */
const MOST_CANDIDATES = 12;
/** The simple variant of each operation is not tried on more than this many multiply-accumulates: it would take long. */
const MOST_SIMPLE_MACS = 1e7;
/** A variant this many times slower than the fastest when warm is timed no more; the default always is. */
const HOPELESS = 3;
/** A variant must need at most this share of the default's time to be preferred: less is noise. */
const WORTH_IT = 0.95;

interface Candidate {
  /** `default`, or a variant's. */
  readonly name: string;
  readonly plan: Plan;
  time: number;
}

/**
 * Measures everything pending on the device's tuner, which uses the result from then on. Each dispatch is timed by
 * timestamps where the adapter has them. Memory for one problem at a time is taken; a problem that does not fit, and a
 * variant that fails, are left to the room's own choice.
 * @throws ShapeError without a tuner (`createDevice({ tuning: 'measure' })`)
 */
export async function measureVariants(
  device: Device,
  { runs = 5, onMeasured }: MeasureOptions = {},
): Promise<Measured[]> {
  const { tuner } = device;
  if (!tuner) throw new ShapeError("measureVariants: this device was created without { tuning: 'measure' }");
  const all: Measured[] = [];
  for (const pending of tuner.pending) {
    const measured = { ...pending, ...(await measure(device, pending, runs)) };
    tuner.set(pending.key, { variant: measured.variant, times: measured.times });
    all.push(measured);
    onMeasured?.(measured);
  }
  return all;
}

async function measure(
  device: Device,
  pending: PendingProblem,
  runs: number,
): Promise<TunedChoice & Pick<Measured, 'byDefault'>> {
  const { candidates, same, byDefault } = candidatesOf(pending);
  const supported = (pending.operation.variants ?? []).filter(
    ({ supported }) => supported?.(device.capabilities) !== false,
  );
  const times: Record<string, number | null> = Object.fromEntries(supported.map(({ name }) => [name, null]));
  if (candidates.length > 1) await timeAll(device, pending, candidates, runs);
  for (const { name, time } of candidates) if (Number.isFinite(time)) times[name] = time;
  for (const [name, other] of same) times[name] = times[other] ?? null;
  const own = times.default ?? Infinity;
  const best = fastest(candidates);
  const isBetter = best.name !== 'default' && best.time < WORTH_IT * own;
  return { variant: isBetter ? best.name : null, times, byDefault };
}

/** What there is to try; variants that launch the same as another are named in `same` instead. */
function candidatesOf({ operation, problem, wanted }: PendingProblem) {
  const { variants = [] } = operation;
  const planOf = (variant?: string): Plan => {
    const asked = { ...problem, variant } as Problem<never>;
    return wanted ? operation.backward!(asked, wanted) : operation.forward(asked);
  };
  const candidates: Candidate[] = [{ name: 'default', plan: planOf(), time: Infinity }];
  const same = new Map<string, string>();
  const isLarge = forwardMacs(operation, problem) > MOST_SIMPLE_MACS;
  for (const [i, { name, supported }] of variants.entries()) {
    if (supported?.(problem.device) === false || candidates.length >= MOST_CANDIDATES) continue;
    const plan = attempt(() => planOf(name));
    if (!plan) continue; // not for these shapes
    const twin = candidates.find((candidate) => signature(candidate.plan) === signature(plan));
    if (twin) same.set(name, twin.name);
    else if (i > 0 || !isLarge) candidates.push({ name, plan, time: Infinity });
  }
  const byDefault = [...same].find(([, twin]) => twin === 'default')?.[0];
  return { candidates, same, byDefault };
}

/** Equal for plans that launch the same kernels on the same grids. */
function signature({ launches }: Plan): string {
  return JSON.stringify(
    launches.map(({ shader, constants, axes, bind, workgroups }: Launch) => {
      const whole = Object.entries(axes).map(([name, { extent }]) => [name, { start: 0, count: extent }]);
      return [shader.label, constants, bind, workgroups(Object.fromEntries(whole))];
    }),
  );
}

/** Sets the candidates' times; those that fail, or find no memory, stay at infinity. */
async function timeAll(device: Device, pending: PendingProblem, candidates: Candidate[], runs: number): Promise<void> {
  using _ = device.scope();
  const operands = operandsOf(device, pending);
  if (!operands) return;
  const time = async ({ name, plan }: Candidate) => {
    try {
      const record = () => runPlan(device, `${pending.operation.name} ${name}`, plan, operands);
      const durations = await timeDispatches(device, record);
      return durations.reduce((sum, each) => sum + each, 0);
    } catch (error) {
      if ([KernelError, OutOfMemoryError, ShapeError].some((type) => error instanceof type)) return Infinity;
      throw error;
    }
  };
  for (const candidate of candidates) {
    await time(candidate); // compiles
    candidate.time = await time(candidate);
  }
  const least = Math.min(...candidates.map((candidate) => candidate.time));
  const hopeful = candidates.filter(({ name, time }) => name === 'default' || time <= HOPELESS * least);
  for (let run = 1; run < runs; run++) {
    for (const candidate of hopeful) candidate.time = Math.min(candidate.time, await time(candidate));
  }
  // whoever is ahead of the default must stay so: the machine may have been busy with something else
  const [own, best] = [candidates[0], fastest(hopeful)];
  for (let run = 0; run < runs && best !== own; run++) {
    for (const candidate of [own, best]) candidate.time = Math.min(candidate.time, await time(candidate));
  }
}

function fastest(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((least, each) => (each.time < least.time ? each : least));
}

/** Undefined where a variant is not for these shapes. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

/** Tensors of the problem's shapes, random where they are numbers; undefined when the memory does not suffice. */
function operandsOf(device: Device, { problem, wanted }: PendingProblem): Record<string, Tensor> | undefined {
  const { inputs, outputs } = problem;
  const gradients = [...(wanted ?? [])].map((name): [string, TensorSpec] => [`d${name}`, inputs[name]]);
  const specs = { ...inputs, ...outputs, ...(wanted && { dy: outputs.y }), ...Object.fromEntries(gradients) };
  try {
    return Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => {
        const tensor = new Tensor(device, spec, device.allocate(spec, 'tuning'));
        if (isFloat(spec.dtype)) fillUniform(tensor, { low: -1, high: 1, random: { seed: 0, stream: 0 } });
        else tensor.write(new Uint32Array(tensor.size)); // labels and places: 0 is one
        return [name, tensor];
      }),
    );
  } catch (error) {
    if (error instanceof OutOfMemoryError) return undefined;
    throw error;
  }
}

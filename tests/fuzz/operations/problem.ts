// One random problem of one room, drawn whole: shapes and options by the room's own `draw`, then the device it runs on,
// the variant, the storage, the physical orders and the extreme values.
import { Device } from '../../../engine/device.ts';
import { createDevice } from '../../../engine/node/createDevice.ts';
import type { Draw } from '../../../kernels/reference.ts';
import type { Room } from '../../../kernels/registry.ts';
import { type AnyCase, type CheckOptions, compareOnGpu } from '../../../lab/checkCase.ts';
import { drawExtremes, type Extreme, withExtremes } from './extremes.ts';

/** The adapter as it is; as if bindings ended at 4 KiB; as if it were a GPU, so that rooms choose as they do there. */
export type DeviceName = 'whole' | 'cut' | 'asGpu';
export type Devices = Readonly<Record<DeviceName, Device>>;

export interface Problem {
  readonly test: AnyCase;
  readonly device: DeviceName;
  readonly how: Pick<CheckOptions, 'variant' | 'halves' | 'turned'>;
  readonly extremes: readonly Extreme[];
}

export interface Outcome {
  /** What differs or was thrown; undefined where all is right. */
  readonly failure: string | undefined;
  /** The launch could not be cut to the small binding limit, which its message said. */
  readonly isRefused: boolean;
  /** The largest error as a part of what is allowed. */
  readonly worst: number;
}

/** Small enough that launches of a few thousand values are cut, as 144 MiB are at 128. */
const SMALL_BINDING = 4096;

export async function openDevices(adapter?: string): Promise<Devices> {
  const whole = await createDevice({ ...(adapter && { adapter }) });
  const { gpu, adapterName, capabilities } = whole;
  return {
    whole,
    cut: new Device(gpu, { kind: capabilities.kind, adapterName, bindingLimit: SMALL_BINDING }),
    asGpu: new Device(gpu, { kind: 'gpu', adapterName: `${adapterName}, as if a GPU` }),
  };
}

export function drawProblem({ operation, cases }: Room, draw: Draw, { whole }: Devices): Problem {
  const test = cases.draw(draw);
  const able = (operation.variants ?? []).filter(({ supported }) => supported?.(whole.capabilities) !== false);
  const device = draw.pick<DeviceName>('whole', 'whole', 'whole', 'whole', 'cut', 'asGpu');
  const variant = draw.chance(0.4) ? draw.pick(undefined, ...able.map(({ name }) => name)) : undefined;
  const halves = draw.pick<CheckOptions['halves']>(undefined, undefined, undefined, 'all', 'first');
  const extremes = drawExtremes(operation.name, draw);
  return {
    test,
    device,
    // the simple form is promised for the first input's halves alone, and extremes for float32
    how: {
      variant: halves === 'first' ? undefined : variant,
      halves: extremes.length || test.float16 === false ? undefined : halves,
      turned: draw.chance(0.25),
    },
    extremes,
  };
}

/** Forward and every gradient against the reference. */
export async function runProblem(devices: Devices, room: Room, problem: Problem, seed: number): Promise<Outcome> {
  let worst = 0;
  let failure: string | undefined;
  try {
    const test = caseOf(room, problem, seed);
    for await (const { what, maxError, allowed, mismatch } of compareOnGpu(
      devices[problem.device],
      room,
      test,
      seed,
      problem.how,
    )) {
      if (maxError > 0) worst = Math.max(worst, maxError / allowed); // integers are allowed nothing
      if (mismatch && !failure) {
        const { index, actual, expected } = mismatch;
        failure = `${what}: element ${index} is ${actual}, expected ${expected} to ${allowed.toPrecision(3)}`;
      }
    }
  } catch (error) {
    const { name, message } = error as Error;
    if (problem.device === 'cut' && /more than the 4096 bytes|cannot be cut/.test(message)) {
      return { failure: undefined, isRefused: true, worst: 0 };
    }
    failure = `${name}: ${message}`;
  }
  return { failure, isRefused: false, worst };
}

/** The problem's inputs as they are run, extremes written out. */
export function caseOf(room: Room, { test, extremes }: Problem, seed: number): AnyCase {
  if (extremes.length === 0) return test;
  const inputs = Object.entries(test.inputs).map(([name, input]) => {
    const { dtype, differentiable } = room.operation.inputs.find((spec) => spec.name === name) ?? {};
    const takesThem = (dtype ?? 'float32') === 'float32' && differentiable !== false;
    return [name, takesThem ? withExtremes(input, extremes, seed) : input] as const;
  });
  return { ...test, inputs: Object.fromEntries(inputs) };
}

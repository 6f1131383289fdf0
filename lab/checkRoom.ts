// All checks of one room on one adapter, by name: the test suites and `wgrad kernel check` run the same ones.
import type { Device } from '../engine/device.ts';
import type { Variant } from '../kernels/definition.ts';
import type { Room } from '../kernels/registry.ts';
import { type CheckOptions, checkOnGpu, checkReference } from './checkCase.ts';
import { drawFrom, uniformFrom } from './inputs.ts';

export interface RoomCheck {
  /** A sentence: `GPU equals reference (tiled): first maximum wins a tie`. */
  readonly name: string;
  /** Throws with the first difference. */
  run(): void | Promise<void>;
}

export interface RoomChecks {
  readonly checks: readonly RoomCheck[];
  /** Variants this adapter cannot run, each with a line that says so. */
  readonly skipped: readonly string[];
}

export interface RoomCheckOptions {
  /** Random problems for the variant that the room chooses; each forced variant gets a fifth of them. */
  readonly draws: number;
  /** Draw i takes all its randomness from `seed + i`, so a failure can be repeated alone. */
  readonly seed: number;
}

/** The reference against central differences, and every variant against the reference, on all cases and on draws. */
export function roomChecks(device: Device, room: Room, { draws, seed }: RoomCheckOptions): RoomChecks {
  const { operation, cases } = room;
  const isSupported = (variant: { supported?: (device: Device['capabilities']) => boolean }) =>
    variant.supported?.(device.capabilities) !== false;
  const all = operation.variants ?? [];
  const variants = [undefined, ...all.filter(isSupported)];
  const checks: RoomCheck[] = [];
  for (const [i, kase] of cases.cases.entries()) {
    if (kase.gradients !== false && room.reference.backward) {
      checks.push({
        name: `reference equals central differences: ${kase.name}`,
        run: () => checkReference(room, kase, i),
      });
    }
    for (const variant of variants) {
      checks.push({
        name: `GPU equals reference${variant ? ` (${variant.name})` : ''}: ${kase.name}`,
        run: () => checkOnGpu(device, room, kase, i, { variant: variant?.name }),
      });
    }
  }
  for (const variant of draws > 0 ? variants : []) {
    const count = variant ? Math.ceil(draws / 5) : draws;
    checks.push({
      name: `GPU equals reference on ${count} random draws${variant ? ` (${variant.name})` : ''}`,
      run: () => checkDraws(device, room, { draws: count, seed }, { variant: variant?.name }),
    });
  }
  checks.push(...halfChecks(device, room, { draws, seed }, variants));
  const skipped = all
    .filter((variant) => !isSupported(variant))
    .map((variant) => `${operation.name} variant ${variant.name} needs what ${device.adapterName} lacks`);
  return { checks, skipped };
}

/** The same with float16 tensors: all inputs on all cases, and the first alone, as within autocast, on draws. */
function halfChecks(
  device: Device,
  room: Room,
  { draws, seed }: RoomCheckOptions,
  variants: readonly (Variant | undefined)[],
): RoomCheck[] {
  const kept = room.cases.cases.filter(({ float16 }) => float16 !== false);
  const checks: RoomCheck[] = kept.map((kase, i) => ({
    name: `GPU equals reference (float16): ${kase.name}`,
    run: () => checkOnGpu(device, room, kase, i, { halves: 'all' }),
  }));
  if (draws === 0) return checks;
  const count = Math.ceil(draws / 10);
  const drawn = (what: string, options: CheckOptions): RoomCheck => ({
    name: `GPU equals reference on ${count} random draws (${what})`,
    run: () => checkDraws(device, room, { draws: count, seed }, options),
  });
  for (const variant of variants) {
    const what = variant ? `float16, ${variant.name}` : 'float16';
    checks.push(drawn(what, { variant: variant?.name, halves: 'all' }));
  }
  checks.push(drawn('the first input float16', { halves: 'first' }));
  return checks;
}

async function checkDraws(
  device: Device,
  room: Room,
  { draws, seed }: RoomCheckOptions,
  options: CheckOptions,
): Promise<void> {
  for (let i = 0; i < draws; i++) {
    const drawn = room.cases.draw(drawFrom(uniformFrom(seed + i)));
    if (options.halves && drawn.float16 === false) continue;
    try {
      await checkOnGpu(device, room, drawn, seed + i, options);
    } catch (error) {
      throw new Error(`draw ${i} of seed ${seed}: ${JSON.stringify(drawn)}\n${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

// All checks of one room on one adapter, by name: the test suites and `wgrad kernel check` run the same ones.
import type { Device } from '../engine/device.ts';
import type { Room } from '../kernels/registry.ts';
import { checkOnGpu, checkReference } from './checkCase.ts';
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
        run: () => checkOnGpu(device, room, kase, i, variant?.name),
      });
    }
  }
  for (const variant of draws > 0 ? variants : []) {
    const count = variant ? Math.ceil(draws / 5) : draws;
    checks.push({
      name: `GPU equals reference on ${count} random draws${variant ? ` (${variant.name})` : ''}`,
      run: () => checkDraws(device, room, { draws: count, seed }, variant?.name),
    });
  }
  const skipped = all
    .filter((variant) => !isSupported(variant))
    .map((variant) => `${operation.name} variant ${variant.name} needs what ${device.adapterName} lacks`);
  return { checks, skipped };
}

async function checkDraws(
  device: Device,
  room: Room,
  { draws, seed }: RoomCheckOptions,
  variant: string | undefined,
): Promise<void> {
  for (let i = 0; i < draws; i++) {
    const drawn = room.cases.draw(drawFrom(uniformFrom(seed + i)));
    try {
      await checkOnGpu(device, room, drawn, seed + i, variant);
    } catch (error) {
      throw new Error(`draw ${i} of seed ${seed}: ${JSON.stringify(drawn)}\n${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

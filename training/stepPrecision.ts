// What float16 changes in a training step: the forward pass stores halves, the loss is scaled, and the update waits for
// the news that no gradient overflowed. In float32 it can wait for that too.
import type { Device } from '../engine/device.ts';
import { GradScaler, type ScaledOptimizer } from '../engine/optim/index.ts';
import type { Tensor } from '../engine/tensor.ts';

/** `float16`: activations and their gradients in half precision; parameters, sums and updates stay float32. */
export const PRECISIONS = ['float32', 'float16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The parts of a step, in the order in which to call them. */
export interface StepPrecision extends Disposable {
  /** Runs the forward pass and the loss. */
  forward<T>(fn: () => T): T;
  /** Adds to the gradients, which `zeroGrad` of the optimizer has cleared: once, or for each part of a batch. */
  backward(loss: Tensor): void;
  /** What belongs behind the last `backward` and may be captured; with float32 the update. @param clip treats gradients */
  update(clip?: () => void): void;
  /**
   * What may not be captured: the update where it can be left out; then `after`, what belongs behind an update (a
   * scheduler's step). @returns whether the update was made; undefined where it always is
   */
  finish(after: () => void): Promise<boolean> | undefined;
}

export interface StepPrecisionOptions {
  /** Default: float32 throughout. */
  scaler?: GradScaler | undefined;
  /** Whether an update by gradients that are not finite is left out in float32 too. Default false. */
  isSkipping?: boolean;
}

export function stepPrecision(
  device: Device,
  optimizer: ScaledOptimizer,
  { scaler, isSkipping = false }: StepPrecisionOptions = {},
): StepPrecision {
  if (scaler) return scaled(device, optimizer, scaler);
  if (isSkipping) return checked(optimizer);
  return {
    forward: (fn) => fn(),
    backward: (loss) => loss.backward(),
    update: (clip) => {
      clip?.();
      optimizer.step();
    },
    finish: (after) => {
      after();
      return undefined;
    },
    [Symbol.dispose]() {},
  };
}

function scaled(device: Device, optimizer: ScaledOptimizer, scaler: GradScaler): StepPrecision {
  return {
    forward: (fn) => device.autocast(fn),
    backward: (loss) => scaler.scale(loss).backward(),
    update: (clip) => {
      scaler.unscale(optimizer);
      clip?.();
    },
    finish: async (after) => {
      const isTaken = await scaler.step(optimizer);
      scaler.update();
      after();
      return isTaken;
    },
    [Symbol.dispose]() {},
  };
}

/** Float32 with a scale of 1, which looks through the gradients and changes none. */
function checked(optimizer: ScaledOptimizer): StepPrecision {
  const checker = new GradScaler({ initScale: 1 });
  return {
    forward: (fn) => fn(),
    backward: (loss) => loss.backward(),
    update: (clip) => {
      checker.unscale(optimizer);
      clip?.();
    },
    finish: async (after) => {
      const isTaken = await checker.step(optimizer);
      after();
      return isTaken;
    },
    [Symbol.dispose]: () => checker.dispose(),
  };
}

/** Runs `fn`, an inference, in that precision. */
export function inPrecision<T>(device: Device, precision: Precision, fn: () => T): T {
  return precision === 'float16' ? device.autocast(fn) : fn();
}

// What a run does about numbers gone wrong: a NaN or an infinity in a loss, in gradients or in values about to be saved.
import { findNonFinite } from '../engine/anomaly/index.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { Counter, type OwnedTensor } from '../engine/nn/parameter.ts';
import type { Tensor } from '../engine/tensor.ts';
import { bytesOf } from '../kernels/definition.ts';
import { NonFiniteError } from '../kernels/errors.ts';

export const NON_FINITE_POLICIES = ['stop', 'skip', 'ignore'] as const;
/** See `TrainOptions.nonFinite`. */
export type NonFinitePolicy = (typeof NON_FINITE_POLICIES)[number];

/** Steps left out one after the other, behind which nothing is learned any more. */
const MOST_SKIPPED = 100;

const REMEDIES = 'a lower learning rate, warm-up, clipped gradients, or another look at the data';

export function badLoss(step: number, loss: number): NonFiniteError {
  return new NonFiniteError(`the loss of step ${step} is ${loss}; what helps: ${REMEDIES}`, { step });
}

/** @throws NonFiniteError naming the first parameter or buffer that holds a NaN or an infinity. Waits for the GPU */
export async function checkFinite(model: AnyModule, device: Device, step: number): Promise<void> {
  const bad = await findNonFinite(device, [...model.namedParameters(), ...model.namedBuffers()]);
  if (!bad) return;
  const { name, value } = bad;
  throw new NonFiniteError(`after step ${step} ${name} holds ${value}; what helps: ${REMEDIES}`, { step });
}

/** Counts the steps that were left out. */
export class SkipCount {
  total = 0;
  #inARow = 0;

  taken(): void {
    this.#inARow = 0;
  }

  /** @throws NonFiniteError when it were too many */
  skipped(step: number): void {
    this.total++;
    if (++this.#inARow < MOST_SKIPPED) return;
    throw new NonFiniteError(
      `the gradients of ${MOST_SKIPPED} steps in a row, up to step ${step}, held NaN or infinities; what helps: a lower learning rate, or another look at weights and data`,
      { step },
    );
  }
}

/** Keeps what a forward pass changes, running statistics and their counts, so that a step can be left out altogether. */
export class StatisticsGuard implements Disposable {
  readonly #kept: { own: OwnedTensor; copy: Tensor }[];
  readonly #counters: { own: Counter; value: number }[];

  constructor(model: AnyModule, device: Device) {
    this.#kept = model.namedBuffers().map(([, own]) => ({ own, copy: device.keep(device.empty([own.size])) }));
    this.#counters = model.state().flatMap(([, own]) => (own instanceof Counter ? { own, value: 0 } : []));
  }

  /** Before a step is enqueued. */
  keep(): void {
    for (const { own, copy } of this.#kept) copyAll(own, copy);
    for (const counter of this.#counters) counter.value = counter.own.value;
  }

  /** After it was left out. */
  restore(): void {
    for (const { own, copy } of this.#kept) copyAll(copy, own);
    for (const { own, value } of this.#counters) own.value = value;
  }

  [Symbol.dispose](): void {
    for (const { copy } of this.#kept) copy.dispose();
  }
}

function copyAll(source: Tensor, target: Tensor): void {
  source.device.recorder.copy(
    { buffer: source.storage.buffer, offset: source.byteOffset, size: bytesOf(source) },
    { buffer: target.storage.buffer, offset: target.byteOffset },
  );
}

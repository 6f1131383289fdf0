// The order of one epoch as a loader uses it: checked, and knowing what comes twice.
import { ShapeError } from '../../kernels/errors.ts';
import type { Sampler } from './sampler.ts';

interface Epoch {
  readonly seed: number;
  readonly epoch: number;
  readonly dataset: { readonly name: string; readonly count: number };
}

/** @throws ShapeError where a sampler does not keep to its count or to the data set */
export function epochOrder(sampler: Sampler, { seed, epoch, dataset }: Epoch): Uint32Array {
  const order = sampler.order(seed, epoch);
  if (order.length !== sampler.count) {
    throw new ShapeError(`DataLoader: the sampler promised ${sampler.count} indices and gave ${order.length}`);
  }
  const outside = order.findIndex((index) => index >= dataset.count);
  if (outside < 0) return order;
  throw new ShapeError(
    `DataLoader: the sampler gave the index ${order[outside]} (at ${outside}), but ${dataset.name} has ${dataset.count} samples`,
  );
}

/** How often each index came before; null where none comes twice. */
export function countRepeats(order: Uint32Array, count: number): Uint32Array | null {
  const seen = new Uint32Array(count);
  const repeats = order.map((index) => seen[index]!++);
  return repeats.some((repeat) => repeat > 0) ? repeats : null;
}

// Looks through tensors for values that are no finite numbers.
import { sizeOf } from '../../kernels/definition.ts';
import { NON_FINITE, NONE_FOUND, nonFinite } from '../../kernels/nonFinite/nonFinite.ts';
import { runPlan } from '../apply.ts';
import type { Device } from '../device.ts';
import { isFloat } from '../precision.ts';
import type { Tensor } from '../tensor.ts';

export interface NonFiniteValue {
  /** Of the tensor. */
  readonly name: string;
  /** Elements before it in memory. */
  readonly index: number;
  /** NaN, Infinity or -Infinity. */
  readonly value: number;
}

/**
 * The first NaN or infinity of float tensors on `device`, such as `model.namedParameters()`. Waits for the GPU, which
 * reads each tensor once; twelve bytes a tensor come back.
 * @returns undefined where all values are finite
 */
export async function findNonFinite(
  device: Device,
  named: Iterable<readonly [name: string, tensor: Tensor]>,
): Promise<NonFiniteValue | undefined> {
  const searched = [...named].filter(([, { dtype, shape }]) => isFloat(dtype) && sizeOf(shape) > 0);
  if (searched.length === 0) return undefined;
  const kinds = NON_FINITE.length;
  const found = device.keep(device.tensor(new Uint32Array(kinds * searched.length).fill(NONE_FOUND)));
  for (const [position, [, x]] of searched.entries()) {
    const launch = nonFinite(x, { slot: kinds * position, device: device.capabilities });
    runPlan(device, 'nonFinite', { launches: [launch] }, { x, found });
  }
  const reading = found.data();
  found.dispose(); // the read is enqueued
  const words = await reading;
  for (const [position, [name]] of searched.entries()) {
    const at = NON_FINITE.map((value, kind) => ({ value, index: words[kinds * position + kind] }));
    const first = at.reduce((a, b) => (b.index < a.index ? b : a));
    if (first.index !== NONE_FOUND) return { name, ...first };
  }
  return undefined;
}

// Are the gradients right? Central differences of the function itself against its backward pass.
import { AutogradError, ShapeError } from '../kernels/errors.ts';
import { show } from '../kernels/rank.ts';
import type { Tensor } from './tensor.ts';

export interface GradCheckOptions {
  /** Distance of the two evaluations on each side. Default 1e-2: float32 leaves about 5 digits of the difference. */
  eps?: number;
  /** Largest difference, relative to the largest derivative of that input (at least 1). Default 1e-3. */
  tolerance?: number;
  /** Elements checked of each input, evenly spread. Default 100. */
  probes?: number;
  /** The function's name in the message. Default: `fn.name`. */
  name?: string;
}

/**
 * Compares `backward()` with central differences for every float32 input; others (labels) are passed on as they are.
 * An output that is no scalar is weighted to one. The function must be smooth where it is checked (no ties, no kinks)
 * and give the same each time (no dropout).
 *
 *     await gradCheck((x) => gelu(x), [x]);
 *
 * @throws AutogradError naming function, input, index and both derivatives
 */
export async function gradCheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { eps = 1e-2, tolerance = 1e-3, probes = 100, name = fn.name || 'function' }: GradCheckOptions = {},
): Promise<void> {
  if (!inputs.length) throw new ShapeError(`gradCheck: ${name} needs at least one input`);
  const [{ device }] = inputs;
  const values = await Promise.all(inputs.map((input) => input.data()));
  using _scope = device.scope();
  const leaves = inputs.map(({ shape, dtype }, i) => device.tensor(values[i], shape, { dtype }));
  for (const leaf of leaves) leaf.requiresGrad = leaf.dtype === 'float32';

  const output = fn(...leaves);
  const weights = Float32Array.from({ length: output.size }, (_, i) => Math.cos(i));
  output.backward(device.tensor(weights, output.shape));
  const weighted = async () => {
    using _step = device.scope();
    const y = await device.noGrad(() => fn(...leaves)).data();
    return weights.reduce((sum, weight, i) => sum + weight * y[i], 0); // in float64
  };

  for (const [position, leaf] of leaves.entries()) {
    if (!leaf.requiresGrad) continue;
    if (!leaf.grad) throw new AutogradError(`gradCheck: ${name} gave input ${position} no gradient`);
    const analytic = (await leaf.grad.data()) as Float32Array;
    const scale = analytic.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const step = Math.max(1, Math.floor(leaf.size / probes));
    for (let i = 0; i < leaf.size; i += step) {
      const moved = Float32Array.from(values[position]);
      const sides = [moved[i] + eps, moved[i] - eps].map(Math.fround);
      const losses: number[] = [];
      for (const side of sides) {
        moved[i] = side;
        leaf.write(moved);
        losses.push(await weighted());
      }
      const numeric = (losses[0] - losses[1]) / (sides[0] - sides[1]);
      if (!(Math.abs(numeric - analytic[i]) <= tolerance * scale)) {
        throw new AutogradError(
          `gradCheck: ${name}: the derivative with respect to input ${position} ${show(leaf.shape)} at ${show(indexOf(i, leaf.shape))} ` +
            `is ${analytic[i]} by backward and ${numeric} by central differences (tolerance ${tolerance * scale})`,
        );
      }
    }
    leaf.write(values[position]);
  }
}

/** A row-major offset as an index. */
function indexOf(offset: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const extent of [...shape].reverse()) {
    index.unshift(offset % extent);
    offset = Math.floor(offset / extent);
  }
  return index;
}

// Fills the inputs of a case from a seed.
import { sizeOf } from '../kernels/definition.ts';
import { type NdArray, ndarray } from '../kernels/ndarray.ts';
import type { CaseInput, Draw, Fill } from '../kernels/reference.ts';

/** mulberry32: 32 bits of state, enough for test inputs. https://github.com/cprosche/mulberry32 */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function drawFrom(uniform: () => number): Draw {
  return {
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    pick: (...values) => values[Math.floor(uniform() * values.length)],
    chance: (probability) => uniform() < probability,
  };
}

/** Values are float32 exactly, so that GPU and reference start from the same numbers. */
export function filled({ shape, fill = 'normal' }: CaseInput, uniform: () => number): NdArray {
  const size = sizeOf(shape);
  return ndarray(shape, Float32Array.from(values(fill, size, uniform)));
}

function values(fill: Fill, size: number, uniform: () => number): ArrayLike<number> {
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  if (fill === 'normal') return Float64Array.from({ length: size }, normal);
  if (fill === 'positive') return Float64Array.from({ length: size }, () => 0.5 + uniform());
  if (fill === 'ties') return Float64Array.from({ length: size }, () => Math.floor(uniform() * 3) - 1);
  if (fill === 'distinct')
    return shuffled(
      Float64Array.from({ length: size }, (_, i) => (i - size / 2) * 0.05),
      uniform,
    );
  if ('values' in fill) return fill.values;
  if ('integersBelow' in fill)
    return Float64Array.from({ length: size }, () => Math.floor(uniform() * fill.integersBelow));
  return Float64Array.from({ length: size }, () => fill.mean + fill.deviation * normal());
}

function shuffled(array: Float64Array, uniform: () => number): Float64Array {
  for (let i = array.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [array[i], array[j]] = [array[j], array[i]];
  }
  return array;
}

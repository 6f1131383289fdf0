// Values at the edge of float32 in a room's inputs, where the reference defines what comes of them.
import type { CaseInput, Draw } from '../../../kernels/reference.ts';
import { filled, uniformFrom } from '../../../lab/inputs.ts';

/** A value and where it goes: an index into the input, taken modulo its size. */
export interface Extreme {
  readonly value: number;
  readonly at: number;
}

const UNBOUNDED = [NaN, Infinity, -Infinity];
/** Denormals: WGSL lets an adapter take them for zero, as SwiftShader does; where y is smooth it makes no difference. */
const SMALL = [-0, 1e-40, -1e-40, 1.2e-38];
/** At a kink or a tie a denormal and zero have different slopes, so none of them there. */
const ZERO = [-0];
const HUGE = [3e38, -3e38];

/** Rooms that select or move values: nothing overflows on the way. */
const SELECTING = ['relu', 'maxPool2d', 'max', 'amax', 'argmax', 'cat', 'pad', 'reorder', 'leakyRelu'];
/** Rooms that sum or multiply: float32 would overflow where float64 does not, so nothing huge. */
const SUMMING = ['add', 'sub', 'sum', 'mean', 'avgPool2d', 'adaptiveAvgPool2d', 'softmax', 'logSoftmax'];
/** Smooth rooms, tried near zero; their cases hold what NaN and infinities come to. */
const SMOOTH = ['sigmoid', 'tanh', 'silu', 'gelu', 'crossEntropy', 'matmul'];
/** Rooms that may rectify what they computed. */
const RECTIFYING = ['linear', 'conv2d'];

/** The extremes that the outcome is defined for; none for rooms that are not named above. */
export function extremesOf(operation: string): readonly number[] {
  if (SELECTING.includes(operation)) return [...ZERO, ...UNBOUNDED, ...HUGE];
  // a denormal times infinity is infinity, or NaN where the denormal counts as zero
  if (operation === 'mul') return [...ZERO, ...UNBOUNDED];
  if (RECTIFYING.includes(operation)) return ZERO;
  if (SUMMING.includes(operation)) return [...SMALL, ...UNBOUNDED];
  return SMOOTH.includes(operation) ? SMALL : [];
}

/** None in most draws. */
export function drawExtremes(operation: string, { integer, pick, chance }: Draw): Extreme[] {
  const values = extremesOf(operation);
  if (values.length === 0 || !chance(0.15)) return [];
  return Array.from({ length: integer(1, 4) }, () => ({ value: pick(...values), at: integer(0, 9999) }));
}

/** The input with its fill written out and the extremes in it. */
export function withExtremes(input: CaseInput, extremes: readonly Extreme[], seed: number): CaseInput {
  const { data, shape } = filled(input, uniformFrom(seed));
  const values = [...data];
  for (const { value, at } of extremes) if (values.length > 0) values[at % values.length] = Math.fround(value);
  return { shape, fill: { values } };
}

// Loop nests over several dense tensors: what broadcasting, reordering and concatenation have in common.
import { type Shape, stridesOf, type TensorSpec } from '../definition.ts';

/** One loop: its extent and, for each tensor, the elements from one turn to the next (zero where it is repeated). */
export interface Loop {
  readonly extent: number;
  readonly steps: readonly number[];
}

/** Steps of a tensor along each dimension of a shape it broadcasts to (aligned at the last dimension, as in NumPy). */
export function broadcastSteps(tensor: Pick<TensorSpec, 'shape' | 'order'>, shape: Shape): number[] {
  const strides = stridesOf(tensor);
  const missing = shape.length - tensor.shape.length;
  return shape.map((_, d) => (d < missing || tensor.shape[d - missing] === 1 ? 0 : strides[d - missing]));
}

/** Drops loops of one turn and merges neighbours that every tensor walks in one stride. Outermost first. */
export function merged(loops: readonly Loop[]): Loop[] {
  const result: Loop[] = [];
  for (const loop of loops) {
    if (loop.extent === 1) continue;
    const outer = result.at(-1);
    if (outer?.steps.every((step, tensor) => step === loop.steps[tensor] * loop.extent)) {
      result[result.length - 1] = { extent: outer.extent * loop.extent, steps: loop.steps };
    } else result.push(loop);
  }
  return result;
}

export function turns(loops: readonly Loop[]): number {
  return loops.reduce((product, { extent }) => product * extent, 1);
}

/**
 * Whether the last loop can take four elements at a time: for each tensor `v` (it steps by one there, and by multiples
 * of four elsewhere) or `f` (repeated there: one value serves all four). Null: one at a time.
 */
export function vectorPattern(kept: readonly Loop[], others: readonly Loop[] = []): string | null {
  const innermost = kept.at(-1);
  if (!innermost || innermost.extent % 4 !== 0) return null;
  const outer = [...kept.slice(0, -1), ...others];
  const letters = innermost.steps.map((step, tensor) => {
    if (step === 0) return 'f';
    return step === 1 && outer.every(({ steps }) => steps[tensor] % 4 === 0) ? 'v' : null;
  });
  return letters.includes(null) ? null : letters.join('');
}

/** The nest with its last loop taken four at a time; steps stay in single elements. */
export function byFours(kept: readonly Loop[]): Loop[] {
  const innermost = kept.at(-1)!;
  return [...kept.slice(0, -1), { extent: innermost.extent / 4, steps: innermost.steps.map((step) => step * 4) }];
}

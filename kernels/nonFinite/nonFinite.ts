// Searches one tensor for values that are no numbers; what the anomaly watch runs behind every operation.
import { type Capabilities, type Launch, launch, sizeOf, type TensorSpec } from '../definition.ts';
import { flatLoop } from '../flatLoop.ts';
import { link } from '../shader.ts';
import { shader as source } from './nonFinite.wgsl.ts';

const shader = link('nonFinite', [source]) as unknown as typeof source;

/** The kinds it tells apart, in the order of their words. */
export const NON_FINITE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/** The word of a kind that did not occur. */
export const NONE_FOUND = 0xffffffff;

/**
 * One pass over `x` that lowers three words of `found`, from `slot` on, to the first physical index of each kind.
 * @param x float32 or float16
 */
export function nonFinite(x: TensorSpec, { slot, device }: { slot: number; device: Capabilities }): Launch {
  const { constants, workgroups } = flatLoop(device);
  return launch(shader, {
    constants,
    axes: { elements: { extent: sizeOf(x.shape), slices: { x: 1 } } },
    params: ({ elements: { count, start } }) => ({ elements: count, start, slot }),
    workgroups: ({ elements: { count } }) => workgroups(count),
  });
}

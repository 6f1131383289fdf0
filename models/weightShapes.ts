// What the shapes in a file of weights say about the model they are of.
import type { ModelEntry, WeightsEntry } from './entry.ts';

export type Shapes = ReadonlyMap<string, readonly number[]>;

/** The shapes of a file's tensors under the model's names. */
export function shapesOf(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  weights: WeightsEntry | undefined,
): Shapes {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, { shape }] of tensors) {
    const own = weights?.rename ? weights.rename(name) : name;
    if (own !== undefined) shapes.set(own, shape);
  }
  return shapes;
}

/** Name of the weight that gives the logits, [classes, …]: the last in the head, which may be a block (NiN). */
export function headWeight({ head, create }: ModelEntry): string {
  const names = create()
    .namedParameters()
    .map(([name]) => name);
  return names.findLast((name) => name.startsWith(`${head}.`) && name.endsWith('.weight'))!;
}

/** Name of the weight that reads the image, [out, inChannels, kh, kw]. */
export function firstWeight({ create }: ModelEntry): string {
  return create().namedParameters()[0][0];
}

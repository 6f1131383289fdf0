// What tests compare with PyTorch: names and shapes as one number, so that a line holds a page of keys, and sizes.
import { createHash } from 'node:crypto';
import type { AnyModule } from '../../engine/nn/module.ts';
import { Counter } from '../../engine/nn/parameter.ts';
import { shapeTensor } from '../../engine/shapeTensor.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { type Shape, spec } from '../../kernels/definition.ts';

/**
 * First 16 digits of the SHA-256 of lines `conv1.weight [64, 3, 7, 7]` in the state dict's order. In Python:
 *
 *     text = ''.join(f'{k} {list(v.shape)}\n' for k, v in model.state_dict().items())
 *     hashlib.sha256(text.encode()).hexdigest()[:16]
 *
 * @param options.counters without them (`num_batches_tracked`) as PyTorch before 0.4.1 wrote files. Default true
 */
export function stateDigest(model: AnyModule, { counters = true } = {}): string {
  const kept = model.state().filter(([, value]) => counters || !(value instanceof Counter));
  const lines = kept.map(([name, value]) => `${name} [${value instanceof Counter ? '' : value.shape.join(', ')}]\n`);
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 16);
}

export function parameterCount(model: AnyModule): number {
  return model.parameters().reduce((sum, { size }) => sum + size, 0);
}

/** Shapes of the named modules' outputs in inference mode and without a GPU. */
export function shapesAt(model: AnyModule, inputShape: Shape, names: readonly string[]): Record<string, Shape> {
  const shapes: Record<string, Shape> = {};
  const removers = model.namedModules().map(([name, module]) =>
    module.registerForwardHook((_, __, output) => {
      if (names.includes(name)) shapes[name] = (output as Tensor).shape;
    }),
  );
  model.eval().call(shapeTensor(spec(inputShape)));
  for (const remove of removers) remove();
  return shapes;
}

// Finds the maps that a network averages over the picture right before its logits, from what its shapes do.
import { Linear } from '../../engine/nn/linear.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { shapeRun } from '../../engine/nn/shapeRun.ts';
import { type ShapeWatcher, shapeTensor } from '../../engine/shapeTensor.ts';
import { Tensor } from '../../engine/tensor.ts';
import { type Shape, spec } from '../../kernels/definition.ts';

export interface PooledMap {
  /** Dotted name of the module whose output is pooled: `layer4`, `net.9`. */
  readonly layer: string;
  /** Dotted name of the linear layer behind the pooling; undefined where the pooled values are the logits. */
  readonly head: string | undefined;
}

type Call = Parameters<ShapeWatcher['saw']>[0];

/**
 * Undefined where logits come another way (LeNet, AlexNet, VGG).
 * @param inputShape of one image, [c, h, w]
 * @throws ShapeError where the model cannot take the image
 */
export function findPooledMap(model: AnyModule, inputShape: Shape): PooledMap | undefined {
  const calls = new Map<Tensor, Call>();
  const makers = new Map<Tensor, { name: string; module: AnyModule }>();
  const image = shapeTensor(spec([1, ...inputShape]), { saw: (call) => void calls.set(call.y, call) });
  const logits = shapeRun(model, image, {
    // the outermost comes last and stays: hooks on it leave what is inside as it is
    after: (name, module, output) => {
      if (name && output instanceof Tensor && calls.has(output)) makers.set(output, { name, module });
    },
  });
  if (!(logits instanceof Tensor)) return undefined;

  let head: string | undefined;
  let source = unmoved(logits, calls);
  if (calls.get(source)?.operation === 'linear') {
    const maker = makers.get(source);
    if (!(maker?.module instanceof Linear)) return undefined;
    head = maker.name;
    source = unmoved(calls.get(source)!.inputs[0], calls);
  }
  const pooling = calls.get(source);
  const isGlobal = pooling?.operation === 'adaptiveAvgPool2d' && pooling.y.shape.slice(2).every((side) => side === 1);
  const pooled = isGlobal ? withMaker(pooling.inputs[0], calls, makers) : undefined;
  return pooled && { layer: makers.get(pooled)!.name, head };
}

/** The tensor whose values these are, before they were moved or seen in another shape. */
function unmoved(tensor: Tensor, calls: ReadonlyMap<Tensor, Call>): Tensor {
  const call = calls.get(tensor);
  const isMove = call && (call.isView || call.operation === 'reorder');
  return isMove ? unmoved(call.inputs[0], calls) : tensor;
}

/** The nearest tensor of the same values that a module gave. */
function withMaker(
  tensor: Tensor,
  calls: ReadonlyMap<Tensor, Call>,
  makers: ReadonlyMap<Tensor, unknown>,
): Tensor | undefined {
  if (makers.has(tensor)) return tensor;
  const call = calls.get(tensor);
  return call?.operation === 'reorder' ? withMaker(call.inputs[0], calls, makers) : undefined;
}

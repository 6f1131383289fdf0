// Tensors that are only a shape: no device, no memory. Operations on them check shapes and options and return such
// tensors again, so that a model's layer shapes can be found without a GPU (`summary`).
import { type Operation, orderOf, type TensorSpec } from '../kernels/definition.ts';
import type { Inputs } from './apply.ts';
import { Tensor } from './tensor.ts';

/** Is told of every operation on a shape-only tensor and on what comes of it (nn/trace.ts). */
export interface ShapeWatcher {
  /** `inputs` without absent ones; parameters are among them. */
  saw(call: { operation: string; inputs: readonly Tensor[]; options: unknown; y: Tensor; isView?: boolean }): void;
}

/** A tensor that is only a shape. */
export function shapeTensor({ shape, dtype, order }: TensorSpec, watcher: ShapeWatcher | null = null): Tensor {
  const tensor = new Tensor(undefined, { shape, dtype, order });
  tensor.isShapeOnly = true;
  tensor.watcher = watcher;
  return tensor;
}

/** An operation's outputs as shapes where an input is only a shape; parameters may be anywhere or nowhere yet. */
export function inferShapes<Options>(
  operation: Operation<Options>,
  inputs: Inputs,
  options: Options,
): Record<string, Tensor> | undefined {
  const given = Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined);
  if (!given.some(([, tensor]) => tensor.isShapeOnly)) return undefined;
  const specs = given.map(([name, { shape, dtype, order }]): [string, TensorSpec] => {
    const layout = operation.inputs.find((input) => input.name === name)?.layout ?? 'any';
    return [name, { shape, dtype, order: layout === 'any' ? order : orderOf(layout, shape.length) }];
  });
  const outputs = operation.infer(Object.fromEntries(specs), options);
  const watcher = given.find(([, tensor]) => tensor.watcher)?.[1].watcher ?? null;
  const tensors = Object.fromEntries(Object.entries(outputs).map(([name, spec]) => [name, shapeTensor(spec, watcher)]));
  watcher?.saw({ operation: operation.name, inputs: given.map(([, tensor]) => tensor), options, y: tensors.y });
  return tensors;
}

// Runs only shapes through a model, in inference mode, with hooks around every module: no GPU, no memory, and nothing
// in the model changes.
import type { Tensor } from '../tensor.ts';
import type { AnyModule } from './module.ts';

export interface ShapeRunHooks {
  /** Before a module runs. `name` is dotted, '' for the model itself. */
  before?: (name: string, module: AnyModule) => void;
  /** After it ran. */
  after?: (name: string, module: AnyModule, output: unknown) => void;
}

/** The model's output for a shape-only image. @throws ShapeError where a layer cannot take what it is given */
export function shapeRun(model: AnyModule, image: Tensor, { before, after }: ShapeRunHooks): unknown {
  const modules = model.namedModules();
  const modes = modules.map(([, module]) => module.training);
  const removers = modules.flatMap(([name, module]) => [
    module.registerForwardPreHook(() => void before?.(name, module)),
    module.registerForwardHook((_, __, output) => void after?.(name, module, output)),
  ]);
  try {
    return model.eval().call(image);
  } finally {
    for (const remove of removers) remove();
    for (const [i, [, module]] of modules.entries()) module.training = modes[i];
  }
}

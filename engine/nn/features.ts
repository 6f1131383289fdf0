// What layers inside a model give: for features, for visualising, for the losses of style and perception.
import { ShapeError } from '../../kernels/errors.ts';
import { Tensor } from '../tensor.ts';
import type { AnyModule } from './module.ts';

interface FeatureOptions {
  /** Ends the run when each layer named has run once: what comes after costs nothing. Default false. */
  stopEarly?: boolean;
}

/**
 * Runs a model and returns the outputs of the layers named, as torchvision's `create_feature_extractor`:
 *
 *     const { 'features.5': maps, classifier } = extractFeatures(alexnet, x, ['features.5', 'classifier']);
 *
 * A layer that runs several times gives its last output, or its first where the run ends early. The tensors belong to
 * the open scope, like the model's own output, and have their place in the graph.
 * https://pytorch.org/vision/stable/feature_extraction.html
 * @param names dotted, as `namedModules()` lists them
 * @throws ShapeError for names the model does not have, for layers that did not run or give no tensor
 */
export function extractFeatures<Name extends string>(
  model: AnyModule,
  x: Tensor,
  names: readonly Name[],
  { stopEarly = false }: FeatureOptions = {},
): Record<Name, Tensor> {
  const found: Partial<Record<Name, unknown>> = {};
  const enough = new Enough();
  const modules = names.map((name) => [name, model.getSubmodule(name)] as const);
  const removers = modules.map(([name, module]) =>
    module.registerForwardHook((_, __, output) => {
      found[name] = output;
      if (stopEarly && names.every((wanted) => wanted in found)) throw enough;
    }),
  );
  try {
    model.call(x);
  } catch (error) {
    if (error !== enough) throw error;
  } finally {
    for (const remove of removers) remove();
  }
  for (const name of names) {
    if (!(name in found)) throw new ShapeError(`extractFeatures: layer '${name}' did not run`);
    if (!(found[name] instanceof Tensor)) throw new ShapeError(`extractFeatures: layer '${name}' gives no tensor`);
  }
  return found as Record<Name, Tensor>;
}

/** Thrown to leave a model's forward pass; never seen outside. */
class Enough extends Error {}

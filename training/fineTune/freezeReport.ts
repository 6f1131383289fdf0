// Which layers are frozen, in the words of the chapter.
import type { AnyModule } from '../../engine/nn/module.ts';
import { print } from '../../engine/nn/print.ts';

/**
 * The lines that the chapter prints of a model before it is fine-tuned: each child's name, then its children with
 * `was frozen!` or `was NOT frozen!`:
 *
 *     features
 *     features 0 Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2)) was frozen!
 *
 * A layer without parameters shares the lot of the one before it. A child that has parameters but no children (ResNet's
 * `fc`), of which the chapter would say nothing, has a line for itself. Blocks take several lines, as PyTorch prints them.
 */
export function freezeReport(model: AnyModule): string[] {
  const lines: string[] = [];
  let isFrozen = !model.parameters()[0]?.requiresGrad;
  const add = (name: string, layer: AnyModule) => {
    const parameters = layer.parameters();
    const trained = parameters.filter(({ requiresGrad }) => requiresGrad).length;
    if (parameters.length) isFrozen = trained === 0;
    const isPart = trained > 0 && trained < parameters.length;
    const part = isPart ? ` (${trained} of its ${parameters.length} parameters were not)` : '';
    lines.push(`${name} ${print(layer)} was ${isFrozen ? 'frozen' : 'NOT frozen'}!${part}`);
  };
  for (const [name, child] of model.namedChildren()) {
    lines.push(name);
    const layers = child.namedChildren();
    if (!layers.length && child.parameters().length) add(name, child);
    for (const [layerName, layer] of layers) add(`${name} ${layerName}`, layer);
  }
  return lines;
}

// The layers of a model in groups, from the image to the head, and the learning rate of each.
import { BatchNorm2d } from '../../engine/nn/batchNorm2d.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import type { Parameter } from '../../engine/nn/parameter.ts';
import { Sequential } from '../../engine/nn/sequential.ts';
import { ShapeError } from '../../kernels/errors.ts';

export interface LayerGroup {
  /** Dotted name of its first layer. */
  readonly name: string;
  readonly modules: readonly AnyModule[];
  readonly parameters: readonly Parameter[];
}

/**
 * A group for each child with parameters, and for each layer of those that are Sequentials (`layer1.0`, `features.3`);
 * a batch norm belongs to the group before it. The head is the last group.
 * @throws ShapeError when there is no such head
 */
export function layerGroups(model: AnyModule, head: string): LayerGroup[] {
  model.getSubmodule(head); // which says what there is, where there is no such layer
  const units = unitsOf(model, '', head).filter(([, module]) => module.parameters().length);
  const headUnit = units.find(([name]) => name === head);
  if (!headUnit) throw new ShapeError(`head: ${head} has no parameters to train`);
  const groups: [name: string, modules: AnyModule[]][] = [];
  for (const [name, module] of units) {
    if (module instanceof BatchNorm2d && groups.length && name !== head) groups.at(-1)![1].push(...module.modules());
    else if (name !== head) groups.push([name, module.modules()]);
  }
  const seen = new Set<unknown>();
  return [...groups, [head, headUnit[1].modules()] as const].map(([name, modules]) => {
    const parameters = modules
      .flatMap((module) => module.parameters())
      .filter((each) => !seen.has(each) && seen.add(each));
    return { name, modules, parameters };
  });
}

/**
 * The learning rate of each group.
 * @param options.lr of the head
 * @param options.lrDecay what the rate of a group is multiplied with to give that of the group before it. Default 1
 * @param options.rates of groups by the beginning of their dotted names, the longest that fits: `{ features: 1e-4 }`
 * @throws ShapeError for a name that nothing begins with
 */
export function groupRates(
  groups: readonly LayerGroup[],
  { lr, lrDecay = 1, rates = {} }: { lr: number; lrDecay?: number; rates?: Readonly<Record<string, number>> },
): number[] {
  const isBelow = (name: string, prefix: string) => name === prefix || name.startsWith(`${prefix}.`);
  const unused = Object.keys(rates).find((prefix) => !groups.some(({ name }) => isBelow(name, prefix)));
  if (unused !== undefined) {
    const names = groups.map(({ name }) => name).join(', ');
    throw new ShapeError(`rates: no group of layers begins with '${unused}'; there are ${names}`);
  }
  return groups.map(({ name }, i) => {
    const fitting = Object.keys(rates).filter((prefix) => isBelow(name, prefix));
    const longest = fitting.sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? lr * lrDecay ** (groups.length - 1 - i) : rates[longest];
  });
}

/** Layers in order; what holds the head is taken apart as far as needed. */
function unitsOf(module: AnyModule, prefix: string, head: string): [name: string, module: AnyModule][] {
  return module.namedChildren().flatMap(([child, below]): [string, AnyModule][] => {
    const name = prefix ? `${prefix}.${child}` : child;
    const isTopSequential = prefix === '' && below instanceof Sequential && name !== head;
    return isTopSequential || head.startsWith(`${name}.`) ? unitsOf(below, name, head) : [[name, below]];
  });
}

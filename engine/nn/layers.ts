// What each layer of a model costs, counted from its trace.
import { type Shape, sizeOf } from '../../kernels/definition.ts';
import type { AnyModule } from './module.ts';
import { Parameter } from './parameter.ts';
import { type TraceNode, trace } from './trace.ts';

export interface Layer {
  /** Dotted, '' for the model itself. */
  readonly name: string;
  /** The class: `Conv2d`. */
  readonly type: string;
  /** What it ran itself, in order: `['conv2d']`, `['add']`. */
  readonly operations: readonly string[];
  /** Of its last operation, with a batch of 1. */
  readonly outputShape: Shape;
  /** Its own, not its children's. */
  readonly parameters: number;
  /** Those that are not frozen. */
  readonly trainable: number;
  /** Multiply-accumulates for one image. */
  readonly macs: number;
  /** Bytes of the results of its operations for one image: what training keeps for the backward pass, at most. */
  readonly activationBytes: number;
}

export interface Totals {
  readonly parameters: number;
  readonly trainable: number;
  readonly macs: number;
  readonly activationBytes: number;
}

/**
 * One row for each module that ran operations itself, in the order of its first. What a model or block does in its own
 * `forward` (a residual sum, a functional ReLU) is in its own row. Only shapes run, in inference mode.
 * @param inputShape of one image: `[3, 224, 224]`
 * @throws ShapeError where a layer cannot take what it is given
 */
export function layers(model: AnyModule, inputShape: Shape): Layer[] {
  const byModule = new Map<string, TraceNode[]>();
  for (const node of trace(model, inputShape).nodes) {
    if (node.operation === 'input') continue;
    byModule.set(node.module, [...(byModule.get(node.module) ?? []), node]);
  }
  const modules = new Map(model.namedModules());
  return [...byModule].map(([name, nodes]) => rowOf(name, modules.get(name)!, nodes));
}

/** The sums over all layers. Parameters of modules that did not run in inference are not among them. */
export function totals(rows: readonly Layer[]): Totals {
  return {
    parameters: sum(rows, ({ parameters }) => parameters),
    trainable: sum(rows, ({ trainable }) => trainable),
    macs: sum(rows, ({ macs }) => macs),
    activationBytes: sum(rows, ({ activationBytes }) => activationBytes),
  };
}

function rowOf(name: string, module: AnyModule, nodes: readonly TraceNode[]): Layer {
  const own = Object.values(module).filter((value) => value instanceof Parameter);
  return {
    name,
    type: module.constructor.name,
    operations: nodes.map(({ operation }) => operation),
    outputShape: nodes.at(-1)!.shape,
    parameters: sum(own, ({ size }) => size),
    trainable: sum(own, ({ size, requiresGrad }) => (requiresGrad ? size : 0)),
    macs: sum(nodes, ({ macs }) => macs),
    activationBytes: sum(nodes, ({ isView, shape }) => (isView ? 0 : 4 * sizeOf(shape))),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

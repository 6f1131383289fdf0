// The tape. Every differentiable operation leaves a node; backward walks the nodes from the newest to the oldest.
// Nodes keep what they saved alive by reference counts, so scopes may free the tensors themselves at any time.
import { accumulate } from '../kernels/accumulate/accumulate.ts';
import { type Order, sameOrder, type TensorSpec } from '../kernels/definition.ts';
import { AutogradError } from '../kernels/errors.ts';
import { fill } from '../kernels/fill/fill.ts';
import { show } from '../kernels/rank.ts';
import { apply, clear, type Operand, reordered } from './apply.ts';
import type { Device } from './device.ts';
import { equivalentOrder } from './reorder.ts';
import { Tensor } from './tensor.ts';

export interface BackwardOptions {
  /** Keeps the graph, so that backward may run through it again. Default false: saved memory is freed on the way. */
  retainGraph?: boolean;
}

interface Recorded {
  /** Inputs whose gradient is wanted. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly saved: Readonly<Record<string, Tensor>>;
  /** The output is its one input in the same memory, so their gradients may share memory too. Default false. */
  readonly isView?: boolean;
  /** Launches the backward kernels over saved operands, `dy` and `d<input>`. */
  readonly run: (operands: Record<string, Operand>) => void;
}

interface Edge {
  readonly spec: TensorSpec;
  readonly node: GraphNode | null;
  /** The tensor itself, for leaves. */
  readonly leaf: Tensor | null;
}

export class GraphNode {
  /** Position on the tape. */
  readonly id: number;
  readonly operation: string;
  readonly output: TensorSpec;
  readonly edges: Readonly<Record<string, Edge>>;
  /** The output tensor's own list, so that hooks outlive the tensor. */
  readonly hooks: Tensor['hooks'];
  readonly isView: boolean;
  /** The module that made it: it answers for the memory of its gradients too. */
  readonly layer: Device['layer'];
  #saved: Record<string, Operand> | null;
  #run: Recorded['run'];
  /** Who may still ask for this node: its output tensor and the nodes behind it. */
  #references = 1;

  constructor(device: Device, operation: string, output: Tensor, { inputs, saved, isView = false, run }: Recorded) {
    this.id = device.nextNode();
    device.recorder.profiler?.remembers(this);
    device.recorder.anomalies?.remembers(this);
    this.operation = operation;
    this.layer = device.layer;
    this.output = specOf(output);
    this.hooks = output.hooks;
    this.isView = isView;
    this.#run = run;
    this.edges = Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => {
        const { node } = tensor;
        node?.retain();
        return [name, { spec: specOf(tensor), node, leaf: node ? null : tensor }];
      }),
    );
    this.#saved = Object.fromEntries(
      Object.entries(saved).map(([name, tensor]) => [
        name,
        { ...specOf(tensor), storage: tensor.storage.retain(), byteOffset: tensor.byteOffset },
      ]),
    );
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    // a loop, for a graph may be deeper than the call stack
    const dropped: GraphNode[] = [this];
    for (let node = dropped.pop(); node; node = dropped.pop()) {
      if (--node.#references > 0) continue;
      node.free();
      for (const edge of Object.values(node.edges)) if (edge.node) dropped.push(edge.node);
    }
  }

  /** Gives the saved tensors back; backward cannot pass here again. */
  free(): void {
    for (const { storage } of Object.values(this.#saved ?? {})) storage.release();
    this.#saved = null;
  }

  /** Runs the backward kernels; `targets` are the gradients to write, by input name. */
  run(dy: Tensor, targets: Readonly<Record<string, Operand>>): void {
    if (!this.#saved) {
      throw new AutogradError(
        `backward through ${this.operation} a second time: its saved tensors were freed. Pass { retainGraph: true } the first time`,
      );
    }
    const gradients = Object.fromEntries(Object.entries(targets).map(([name, target]) => [`d${name}`, target]));
    this.#run({ ...this.#saved, ...gradients, dy });
  }
}

/** See `Tensor.backward`. */
export function backward(root: Tensor, gradient?: Tensor, { retainGraph = false }: BackwardOptions = {}): void {
  const { device, node } = root;
  if (!node) throw new AutogradError('backward: this tensor does not depend on anything that requires a gradient');
  if (!gradient && root.size !== 1) {
    throw new AutogradError(
      `backward: a gradient of shape ${show(root.shape)} must be given; only a scalar has a default`,
    );
  }
  if (gradient && show(gradient.shape) !== show(root.shape)) {
    throw new AutogradError(`backward: gradient has shape ${show(gradient.shape)}, the tensor ${show(root.shape)}`);
  }
  if (gradient && gradient.dtype !== root.dtype) {
    throw new AutogradError(`backward: gradient must be ${root.dtype}, given ${gradient.dtype}`);
  }
  const { layer } = device;
  const outer = walks.get(device);
  try {
    device.tidy(() => {
      device.noGrad(() => {
        device.recorder.profiler?.walks(null);
        const seed = gradient ? inOrder(gradient.detach(), root.order) : ones(root);
        const walk: Walk = { device, outer, gradients: new Map([[node, seed]]), leaves: new Map() };
        walks.set(device, walk);
        const nodes = newestFirst(node);
        const watched = device.recorder.onGradient && usesOf(nodes);
        for (const current of nodes) {
          propagate(walk, current);
          if (!retainGraph) current.free();
          if (watched) deliverWhole(walk, current, watched);
        }
        device.recorder.profiler?.walks(null);
        for (const [leaf, total] of walk.leaves) deliver(leaf, total);
        device.recorder.profiler?.walks(undefined);
      });
    });
  } finally {
    device.recorder.anomalies?.walks(undefined);
    device.layer = layer;
    if (outer) walks.set(device, outer);
    else walks.delete(device);
  }
}

/** Under way on each device. */
const walks = new WeakMap<Device, Walk>();

interface Walk {
  readonly device: Device;
  /** The one in whose course this one runs, for a part that is recomputed. */
  readonly outer: Walk | undefined;
  /** Gradients of node outputs that are still to be propagated. */
  readonly gradients: Map<GraphNode, Tensor>;
  /** Gradients of leaves, summed over their uses in this walk. */
  readonly leaves: Map<Tensor, Tensor>;
}

function propagate(walk: Walk, node: GraphNode): void {
  const { device, gradients, leaves } = walk;
  const arrived = gradients.get(node);
  if (!arrived) return; // reachable, but behind an edge that no gradient came through
  gradients.delete(node);
  device.recorder.profiler?.walks(node);
  device.recorder.anomalies?.walks(node);
  device.layer = node.layer;
  const dy = inOrder(hooked(node.hooks, arrived), node.output.order);
  if (node.isView && handOn(walk, node, dy)) return;
  const claimed = new Set(leaves.keys());
  const targets: Record<string, Tensor> = {};
  for (const [name, { spec, leaf }] of Object.entries(node.edges)) {
    // a parameter's first gradient is written straight into its optimizer's arena
    const slot = leaf && !leaf.grad && !claimed.has(leaf) && !isClaimed(walk.outer, leaf) ? leaf.gradSlot : null;
    if (leaf) claimed.add(leaf);
    targets[name] = slot
      ? new Tensor(device, spec, slot.storage.retain(), slot.byteOffset)
      : new Tensor(device, spec, device.allocate(spec, `${node.operation}: gradient of ${name}`));
  }
  if (dy.size) node.run(dy, targets);
  else clear(Object.values(targets));
  if (!node.hooks.length) arrived.dispose(); // a hook may have kept it; the walk's scope frees it then
  for (const [name, edge] of Object.entries(node.edges)) arrive(walk, edge, targets[name]);
}

/** Whether a walk around this one has a gradient of that leaf already. */
function isClaimed(walk: Walk | undefined, leaf: Tensor): boolean {
  return walk !== undefined && (walk.leaves.has(leaf) || isClaimed(walk.outer, leaf));
}

/** Passes a view's gradient on without a copy, unless a hook, the caller or an optimizer's slot holds its memory. */
function handOn(walk: Walk, node: GraphNode, dy: Tensor): boolean {
  const [edge] = Object.values(node.edges);
  if (node.hooks.length || dy.storage.isShared || edge.leaf?.gradSlot) return false;
  arrive(walk, edge, new Tensor(walk.device, edge.spec, dy.storage.retain(), dy.byteOffset));
  dy.dispose();
  return true;
}

function arrive({ gradients, leaves }: Walk, { leaf, node }: Edge, gradient: Tensor): void {
  if (leaf) sumInto(leaves, leaf, gradient);
  else if (node) sumInto(gradients, node, gradient);
}

function sumInto<Key>(sums: Map<Key, Tensor>, key: Key, gradient: Tensor): void {
  const sum = sums.get(key);
  if (!sum) {
    sums.set(key, gradient);
    return;
  }
  apply(accumulate, { target: sum, x: gradient }, {});
  gradient.dispose();
}

/** How many edges lead to each leaf. */
function usesOf(nodes: readonly GraphNode[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const { edges } of nodes) {
    for (const { leaf } of Object.values(edges)) if (leaf) uses.set(leaf, (uses.get(leaf) ?? 0) + 1);
  }
  return uses;
}

/** Delivers what gets nothing more after this node, and tells who watches. */
function deliverWhole({ device, leaves }: Walk, { edges }: GraphNode, uses: Map<Tensor, number>): void {
  for (const { leaf } of Object.values(edges)) {
    if (!leaf) continue;
    const left = uses.get(leaf)! - 1;
    uses.set(leaf, left);
    const total = leaves.get(leaf);
    if (left > 0 || !total) continue;
    leaves.delete(leaf);
    deliver(leaf, total);
    device.recorder.onGradient?.(leaf);
  }
}

function deliver(leaf: Tensor, total: Tensor): void {
  if (!leaf.isDisposed) leaf.device.recorder.tape?.delivers(leaf);
  const gradient = hooked(leaf.hooks, total);
  if (leaf.isDisposed) return; // nobody would free it
  if (leaf.grad) apply(accumulate, { target: leaf.grad, x: inOrder(gradient, leaf.grad.order) }, {});
  // what a hook returned is the hook's: it may hand out the same tensor each time
  else {
    const delivered = gradient === total ? total : reordered(gradient, leaf.order);
    leaf.grad = delivered;
    leaf.device.ifDropped(() => {
      if (leaf.grad === delivered) leaf.grad = null;
    });
  }
}

/** @throws AutogradError when a hook returns a gradient of another shape or dtype */
function hooked(hooks: Tensor['hooks'], gradient: Tensor): Tensor {
  if (hooks.length)
    gradient.device.recorder.tape?.refuse('a tensor has a gradient hook, which a replay would not call');
  return [...hooks].reduce((current, hook) => {
    const replaced = hook(current) ?? current;
    if (show(replaced.shape) !== show(current.shape)) {
      throw new AutogradError(
        `backward: a hook returned shape ${show(replaced.shape)} for a gradient of shape ${show(current.shape)}`,
      );
    }
    if (replaced.dtype !== current.dtype) {
      throw new AutogradError(`backward: a hook returned ${replaced.dtype} for a gradient of ${current.dtype}`);
    }
    return replaced;
  }, gradient);
}

/** Every node the root depends on, newest first: an order in which all consumers come before their producer. */
function newestFirst(root: GraphNode): GraphNode[] {
  const found = new Set([root]);
  for (const node of found) for (const edge of Object.values(node.edges)) if (edge.node) found.add(edge.node);
  return [...found].sort((a, b) => b.id - a.id);
}

function ones(root: Tensor): Tensor {
  const seed = new Tensor(root.device, root, root.device.allocate(root, 'gradient'));
  apply(fill, { target: seed }, { value: 1 });
  return seed;
}

function inOrder(tensor: Tensor, order: Order): Tensor {
  const { device, shape, dtype, storage, byteOffset } = tensor;
  if (sameOrder(tensor.order, order)) return tensor;
  if (!equivalentOrder(shape, tensor.order, order)) return reordered(tensor, order);
  return new Tensor(device, { shape, dtype, order }, storage.retain(), byteOffset);
}

function specOf({ shape, dtype, order }: TensorSpec): TensorSpec {
  return { shape, dtype, order };
}

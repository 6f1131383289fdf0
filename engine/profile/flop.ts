// How many floating-point operations a launch does: counted for matrix products, estimated for everything else.
//
// The products of a convolution, a linear layer or a matmul are known from shapes alone; which of a plan's dispatches
// does them is found by what flows into each. So kernels may be cut, split along k or transform their operands first,
// and nothing here changes.
import { type Launch, type Operation, type Problem, sizeOf } from '../../kernels/definition.ts';
import { type Pair, pair } from '../../kernels/window.ts';

/** One dispatch of a plan. */
export interface Dispatched {
  readonly launch: Launch;
  readonly workgroups: number;
  /** Elements bound, by WGSL name. Bindings without a tensor are left out. */
  readonly elements: Readonly<Record<string, number>>;
}

/** An operation's forward pass; or its backward pass, when `wanted` names the inputs whose gradient is asked for. */
export interface Run {
  readonly operation: Operation<never>;
  readonly problem: Problem<unknown>;
  readonly wanted?: ReadonlySet<string> | undefined;
}

interface Product {
  readonly factors: readonly [string, string];
  readonly macs: number;
}

/** They only move elements. */
const MOVES = new Set(['reorder', 'cat', 'fill', 'pad', 'uniformFill', 'normalFill', 'augmentGather']);

/** Estimates for one element of the largest tensor bound; 1 for what is not listed. */
const PER_ELEMENT: Readonly<Record<string, number>> = {
  sigmoid: 4,
  tanh: 4,
  silu: 5,
  gelu: 8,
  softmax: 4,
  logSoftmax: 4,
  crossEntropy: 4,
  batchNorm2d: 4,
  localResponseNorm: 8,
  sgd: 4,
  rmsprop: 8,
  adam: 12,
};

/**
 * FLOP of each dispatch of one plan. A multiply-accumulate counts two. A convolution's products are those of the direct
 * algorithm, zeros of the padding included, however the kernel goes about it; a product that is cut or split is shared
 * out by workgroups. All else is an estimate: a few operations for each element of the largest tensor bound.
 */
export function flopOf({ operation, problem, wanted }: Run, dispatches: readonly Dispatched[]): number[] {
  const products = productsOf({ operation, problem, wanted });
  const owners = productOwners(dispatches, products, knownTensors(problem));
  const workgroups = products.map((product) =>
    dispatches.reduce((sum, { workgroups }, i) => (owners[i] === product ? sum + workgroups : sum), 0),
  );
  const unclaimed = sum(products.filter((_, p) => workgroups[p] === 0).map(({ macs }) => macs));
  const all = sum(dispatches.map((dispatch) => dispatch.workgroups));
  return dispatches.map((dispatch, i) => {
    const owner = owners[i];
    const own = owner
      ? (2 * owner.macs * dispatch.workgroups) / workgroups[products.indexOf(owner)]
      : estimate({ operation, problem, wanted }, dispatch);
    // a kernel that hides which operands it multiplies: the operation's sum stays right
    return own + (unclaimed && (2 * unclaimed * dispatch.workgroups) / all);
  });
}

/** Multiply-accumulates of an operation's forward pass; 0 where it is no matrix product. */
export function forwardMacs(operation: Operation<never>, problem: Problem<unknown>): number {
  const { inputs, outputs, options } = problem;
  const y = outputs.y?.shape ?? [];
  if (isWeighted(operation)) return sizeOf(y) * sizeOf(inputs.weight.shape.slice(1));
  if (operation.name !== 'matmul') return 0;
  const { transposeA = false } = options as { transposeA?: boolean };
  return sizeOf(y) * inputs.a.shape.at(transposeA ? -2 : -1)!;
}

function productsOf({ operation, problem, wanted }: Run): Product[] {
  const macs = forwardMacs(operation, problem);
  if (!macs) return [];
  const [left, right] = isWeighted(operation) ? ['x', 'weight'] : ['a', 'b'];
  if (!wanted) return [{ factors: [left, right], macs }];
  return [
    ...(wanted.has(left) ? [{ factors: ['dy', right] as const, macs }] : []),
    ...(wanted.has(right) ? [{ factors: [left, 'dy'] as const, macs }] : []),
  ];
}

function isWeighted({ inputs }: Operation<never>): boolean {
  return inputs.some(({ name, layout }) => name === 'weight' && (layout === 'convWeight' || layout === 'linearWeight'));
}

function knownTensors({ inputs, outputs }: Problem<unknown>): Set<string> {
  return new Set([...Object.keys(inputs), ...Object.keys(outputs), 'dy']);
}

/** The product that each dispatch does a part of: it reads one operand that stems from either factor alone. */
function productOwners(
  dispatches: readonly Dispatched[],
  products: readonly Product[],
  known: ReadonlySet<string>,
): (Product | undefined)[] {
  const origins = new Map<string, Set<string>>(); // of scratch
  return dispatches.map(({ launch: { shader, bind }, elements }) => {
    const bound = Object.keys(elements).map((binding) => ({
      tensor: bind[binding] ?? binding,
      isRead: shader.bindings[binding].access === 'read',
    }));
    const originsOf = (tensor: string) => (known.has(tensor) ? new Set([tensor]) : (origins.get(tensor) ?? new Set()));
    const read = bound.filter(({ isRead }) => isRead).map(({ tensor }) => originsOf(tensor));
    for (const { tensor } of bound.filter(({ isRead }) => !isRead)) {
      origins.set(tensor, new Set([...(origins.get(tensor) ?? []), ...read.flatMap((names) => [...names])]));
    }
    const stemsFrom = (one: string, other: string) => read.some((names) => names.has(one) && !names.has(other));
    return products.find(({ factors: [one, other] }) => stemsFrom(one, other) && stemsFrom(other, one));
  });
}

function estimate({ operation, problem, wanted }: Run, { elements }: Dispatched): number {
  if (MOVES.has(operation.name)) return 0;
  const { kernelSize } = problem.options as { kernelSize?: Pair };
  if (kernelSize !== undefined && problem.outputs.y && !wanted) {
    const [height, width] = pair(kernelSize); // of a pooling window: a comparison or an addition for each element
    return height * width * sizeOf(problem.outputs.y.shape);
  }
  return (PER_ELEMENT[operation.name] ?? 1) * Math.max(0, ...Object.values(elements));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

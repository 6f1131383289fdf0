// A formula of single elements as one kernel, its derivative as another: a chain of operations without the memory
// traffic between them.
import type { Operation } from '../kernels/definition.ts';
import { arithmeticOperation, type GradientTerm } from '../kernels/elementwise/arithmetic.ts';
import { termShaders } from '../kernels/elementwise/broadcast.ts';
import { derivatives } from '../kernels/elementwise/derivative.ts';
import { Expression, inputsOf } from '../kernels/elementwise/expression.ts';
import { evaluate, expressionFile } from '../kernels/elementwise/expressionCode.ts';
import { backwardShaders, forwardShaders, mapOperation } from '../kernels/elementwise/map.ts';
import { ShapeError, WgradError } from '../kernels/errors.ts';
import { applyForY } from './apply.ts';
import type { Tensor } from './tensor.ts';

export type { Expression };

type NoOptions = Record<string, never>;

/** An operation that computes a formula for each element. */
export interface Elementwise {
  /**
   * @param x any shape of at most six dimensions
   * @param other for a formula of two: a tensor whose shape broadcasts with x's, as for `add`
   * @throws ShapeError when the shapes do not broadcast, or there are more or fewer tensors than the formula takes
   */
  (x: Tensor, other?: Tensor): Tensor;
  /** For `apply`, profiles and tests. */
  readonly operation: Operation<NoOptions>;
  /** The formula's value in float64, by the host: what the kernel is to be checked against. */
  reference(x: number, other?: number): number;
}

/**
 * Makes an operation of a formula; its gradients are derived from it. Each pass is one kernel that reads every tensor
 * once, whatever the length of the chain:
 *
 *     const hardSwish = defineElementwise('hardSwish', (x) => x.add(3).clamp(0, 6).mul(x).div(6));
 *     const gate = defineElementwise('gate', (x, bias) => x.add(bias).sigmoid().mul(x));
 *     const y = gate(hardSwish(images), bias);
 *
 * The formula is called once, with `Expression`s: it may branch on numbers of its own, not on tensors' values (`select`
 * does that). Backward computes what it needs again from the inputs, the only tensors it keeps.
 * @param name names it in errors and profiles
 * @param formula of one tensor, or of two that broadcast
 * @throws WgradError when it takes another number of tensors, reads none, or computes with anything else than them and
 *   finite numbers
 */
export function defineElementwise(
  name: string,
  formula: (x: Expression, other: Expression) => Expression,
): Elementwise {
  if (formula.length !== 1 && formula.length !== 2) {
    throw new WgradError(
      `defineElementwise: ${name} must be a formula of one or two tensors, (x) => … or (x, other) => …; it has ${formula.length} parameters`,
    );
  }
  const inputs = [Expression.input(0), Expression.input(1)] as const;
  const root = formula(...inputs);
  if (!(root instanceof Expression) || inputsOf(root).size === 0) {
    throw new WgradError(`defineElementwise: ${name} must return an expression of its tensors, not ${String(root)}`);
  }
  const traced = { name, root, gradients: derivatives(root, Expression.input(DY), inputs) };
  const operation = formula.length === 1 ? ofOne(traced) : ofTwo(traced);
  const run = (x: Tensor, other?: Tensor) => {
    const given = other ? 2 : 1;
    if (given !== formula.length) {
      throw new ShapeError(`${name}: the formula takes ${formula.length} tensors, given ${given}`);
    }
    return applyForY(operation, other ? { x, other } : { x }, {});
  };
  return Object.assign(run, { operation, reference: (x: number, other = Number.NaN) => evaluate(root, [x, other]) });
}

/** The input that stands for the result's gradient. */
const DY = 2;

interface Traced {
  readonly name: string;
  readonly root: Expression;
  /** By x and by the other tensor. */
  readonly gradients: readonly Expression[];
}

function ofOne({ name, root, gradients }: Traced): Operation<NoOptions> {
  const forward = expressionFile(root, { label: `${name}/formula`, name: 'forward', parameters: { x: 0 } });
  const backward = expressionFile(gradients[0], {
    ...{ label: `${name}/derivative`, name: 'backward', parameters: { saved: 0, dy: DY } },
  });
  const shaders = {
    forward: forwardShaders(`${name}/forward`, [forward]),
    backward: backwardShaders(`${name}/backward`, [backward]),
  };
  return mapOperation<NoOptions>({ name, saves: 'x', variants: [shaders], shadersFor: () => shaders });
}

function ofTwo({ name, root, gradients: [byX, byOther] }: Traced): Operation<NoOptions> {
  const forward = expressionFile(root, { label: `${name}/formula`, name: 'combine', parameters: { x: 0, other: 1 } });
  return arithmeticOperation({
    name,
    forward: termShaders(`${name}/forward`, forward, ['vv', 'vf', 'fv']),
    backward: { x: gradientTerm(name, byX, 'x'), other: gradientTerm(name, byOther, 'other') },
  });
}

/** The gradient of input `of`, which reads dy and those inputs that the derivative holds. */
function gradientTerm(name: string, derivative: Expression, of: 'x' | 'other'): GradientTerm {
  const read = inputsOf(derivative);
  const inputs = (['x', 'other'] as const).filter((_, index) => read.has(index));
  const sources = ['dy', ...inputs] as const;
  const file = expressionFile(derivative, {
    label: `${name}/derivative.${of}`,
    name: 'combine',
    parameters: Object.fromEntries(sources.map((source) => [source, { x: 0, other: 1, dy: DY }[source]])),
  });
  // four at a time, dy and the input itself are vectors; the other one may be a value that serves all four
  const vectors = sources.map(() => 'v').join('');
  const isShared = inputs.some((input) => input !== of);
  const shared = sources.map((source) => (source === 'dy' || source === of ? 'v' : 'f')).join('');
  const patterns = isShared ? [vectors, shared] : [vectors];
  return { shaders: termShaders(`${name}/backward.${of}`, file, patterns), sources };
}

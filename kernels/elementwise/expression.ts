// A formula of single elements as a graph: what `defineElementwise` traces, and turns into WGSL, its derivative and
// its value in float64.
import { WgradError } from '../errors.ts';

/** What a node computes of its parts. */
export type Kind =
  | ('add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'gt' | 'le')
  | ('neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'sign' | 'tanh' | 'sigmoid')
  | 'select';
type Node =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: Kind; readonly from: readonly Expression[] };

/** A number, or what was computed of the inputs. */
export type Operand = Expression | number;

/** One element's value while a formula is traced. Its methods compute nothing: they note what is to be computed. */
export class Expression {
  constructor(readonly node: Node) {}

  static input(index: number): Expression {
    return new Expression({ kind: 'input', index });
  }

  /** @throws WgradError when `value` is not finite in float32 */
  static constant(value: number): Expression {
    if (!Number.isFinite(Math.fround(value))) {
      throw new WgradError(`defineElementwise: a number in a formula must be finite in float32, given ${value}`);
    }
    return new Expression({ kind: 'constant', value: Math.fround(value) });
  }

  add(other: Operand): Expression {
    return make('add', this, other);
  }

  sub(other: Operand): Expression {
    return make('sub', this, other);
  }

  mul(other: Operand): Expression {
    return make('mul', this, other);
  }

  div(other: Operand): Expression {
    return make('div', this, other);
  }

  neg(): Expression {
    return make('neg', this);
  }

  square(): Expression {
    return make('mul', this, this);
  }

  exp(): Expression {
    return make('exp', this);
  }

  /** The natural logarithm. */
  log(): Expression {
    return make('log', this);
  }

  sqrt(): Expression {
    return make('sqrt', this);
  }

  /** Its gradient at zero is zero, as in PyTorch. */
  abs(): Expression {
    return make('abs', this);
  }

  /** -1, 0 or 1; no gradient passes. */
  sign(): Expression {
    return make('sign', this);
  }

  tanh(): Expression {
    return make('tanh', this);
  }

  /** The logistic function. */
  sigmoid(): Expression {
    return make('sigmoid', this);
  }

  /** Its gradient at zero is zero; NaN stays NaN. */
  relu(): Expression {
    return this.le(0).select(0, this);
  }

  /** Where both are equal each takes half of the gradient, as in PyTorch. */
  max(other: Operand): Expression {
    return make('max', this, other);
  }

  /** Where both are equal each takes half of the gradient, as in PyTorch. */
  min(other: Operand): Expression {
    return make('min', this, other);
  }

  /** Between two numbers; the gradient passes from bound to bound, both included, as in PyTorch. */
  clamp(low: number, high: number): Expression {
    return this.gt(high).select(high, make('gt', low, this).select(low, this));
  }

  /** 1 where this is greater than `other`, else 0; no gradient passes. */
  gt(other: Operand): Expression {
    return make('gt', this, other);
  }

  /** 1 where this is less or equal, else 0; no gradient passes. */
  le(other: Operand): Expression {
    return make('le', this, other);
  }

  /** `then` where this is greater than zero, `otherwise` elsewhere; no gradient passes to the condition. */
  select(then: Operand, otherwise: Operand): Expression {
    return make('select', this, then, otherwise);
  }
}

/** What a constant's value is, or undefined. */
export function constantOf({ node }: Expression): number | undefined {
  return node.kind === 'constant' ? node.value : undefined;
}

/** All nodes below, each once, what it is made of before it. */
export function inOrder(root: Expression): Expression[] {
  const done = new Set<Expression>();
  const stack = [root];
  while (stack.length) {
    const next = stack.at(-1)!;
    const missing = partsOf(next).filter((part) => !done.has(part));
    if (missing.length) stack.push(...missing);
    else done.add(stack.pop()!);
  }
  return [...done];
}

export function partsOf({ node }: Expression): readonly Expression[] {
  return 'from' in node ? node.from : [];
}

/** The inputs it reads. */
export function inputsOf(root: Expression): Set<number> {
  return new Set(inOrder(root).flatMap(({ node }) => (node.kind === 'input' ? [node.index] : [])));
}

/** A node of its operands. @throws WgradError for what is no number of this formula */
export function make(kind: Kind, ...operands: Operand[]): Expression {
  const from = operands.map((operand) => (typeof operand === 'number' ? Expression.constant(operand) : operand));
  const stranger = from.find((operand) => !(operand instanceof Expression));
  if (stranger !== undefined) {
    throw new WgradError(`defineElementwise: ${kind} takes what the formula was given, or numbers; given ${stranger}`);
  }
  // identities keep derivatives, which are full of them, short
  const [a, b] = from;
  const [left, right] = from.map(constantOf);
  if (kind === 'add' && right === 0) return a;
  if (kind === 'add' && left === 0) return b;
  if (kind === 'sub' && right === 0) return a;
  if (kind === 'mul' && right === 1) return a;
  if (kind === 'mul' && left === 1) return b;
  if (kind === 'div' && right === 1) return a;
  return new Expression({ kind, from });
}

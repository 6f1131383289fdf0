// The derivative of a formula, as another formula: reverse accumulation over its graph.
import { constantOf, Expression, inOrder, make, partsOf } from './expression.ts';

/** What `gradient` (of the formula's result) is for each of `inputs`, in their order. */
export function derivatives(result: Expression, gradient: Expression, inputs: readonly Expression[]): Expression[] {
  const gradients = new Map([[result, gradient]]);
  for (const node of inOrder(result).reverse()) {
    const arrived = gradients.get(node);
    if (!arrived) continue;
    const parts = partsOf(node);
    slopes(node, arrived).forEach((slope, i) => {
      if (!slope || constantOf(parts[i]) !== undefined) return;
      const before = gradients.get(parts[i]);
      gradients.set(parts[i], before ? before.add(slope) : slope);
    });
  }
  return inputs.map((input) => gradients.get(input) ?? Expression.constant(0));
}

/** What each part of a node is given of the gradient that arrived at it; undefined: nothing. */
function slopes(y: Expression, dy: Expression): (Expression | undefined)[] {
  const [a, b, c] = partsOf(y);
  switch (y.node.kind) {
    case 'add':
      return [dy, dy];
    case 'sub':
      return [dy, dy.neg()];
    case 'mul':
      return [dy.mul(b), dy.mul(a)];
    case 'div':
      // two divisions, as the square of a large divisor overflows
      return [dy.div(b), dy.mul(y).div(b).neg()];
    case 'neg':
      return [dy.neg()];
    case 'exp':
      return [dy.mul(y)];
    case 'log':
      return [dy.div(a)];
    case 'sqrt':
      return [dy.div(y.mul(2))];
    case 'abs':
      return [dy.mul(a.sign())];
    case 'tanh':
      return [dy.mul(make('sub', 1, y.square()))];
    case 'sigmoid':
      return [dy.mul(y).mul(make('sub', 1, y))];
    case 'max':
      return [dy.mul(share(a, b)), dy.mul(share(b, a))];
    case 'min':
      return [dy.mul(share(b, a)), dy.mul(share(a, b))];
    case 'select':
      return [undefined, b && a.select(dy, 0), c && a.select(0, dy)];
    default:
      return []; // gt, le and sign are flat; inputs and constants have no parts
  }
}

/** 1 where `a` is greater, 0 where `b` is, a half where they are equal. */
function share(a: Expression, b: Expression): Expression {
  return a.gt(b).select(1, b.gt(a).select(0, 0.5));
}

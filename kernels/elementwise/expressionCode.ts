// A formula as WGSL, over single elements and over four at a time alike, and as a number in float64.
import type { Shader } from '../shader.ts';
import { type Expression, inOrder, type Kind, partsOf } from './expression.ts';
import { shader as tanhFile } from './tanh.wgsl.ts';

/** The exponent is never positive, so nothing overflows, and both tails keep their digits. */
const SIGMOID = `fn stable_sigmoid(x: Element) -> Element {
  let e = exp(-abs(x));
  return select(e, Element(1), x >= Element(0)) / (1.0 + e);
}
`;

/**
 * A file with one function of Elements.
 * @param parameters of the function, in their order, each with the index of the formula's input that it is
 */
export function expressionFile(
  root: Expression,
  { label, name, parameters }: { label: string; name: string; parameters: Readonly<Record<string, number>> },
): Shader {
  const names = Object.keys(parameters);
  const nameOf = (index: number) => names.find((name) => parameters[name] === index)!;
  const order = inOrder(root);
  const text = new Map<Expression, string>();
  const lines: string[] = [];
  for (const expression of order) {
    const { node } = expression;
    if (node.kind === 'input') text.set(expression, nameOf(node.index));
    else if (node.kind === 'constant') text.set(expression, `Element(${literal(node.value)})`);
    else {
      const local = `t${lines.length}`;
      lines.push(
        `  let ${local} = ${code(
          node.kind,
          partsOf(expression).map((part) => text.get(part)!),
        )};`,
      );
      text.set(expression, local);
    }
  }
  const kinds = new Set(order.map(({ node }) => node.kind));
  const helpers = [kinds.has('tanh') ? tanhFile.code : '', kinds.has('sigmoid') ? SIGMOID : ''].join('');
  const signature = names.map((parameter) => `${parameter}: Element`).join(', ');
  const body = [...lines, `  return ${text.get(root)};`].join('\n');
  return {
    ...{ label, bindings: {}, params: {}, overrides: {} },
    code: `${helpers}fn ${name}(${signature}) -> Element {\n${body}\n}\n`,
  };
}

/** The formula's value for these inputs. */
export function evaluate(root: Expression, inputs: readonly number[]): number {
  const values = new Map<Expression, number>();
  for (const expression of inOrder(root)) {
    const { node } = expression;
    if (node.kind === 'input') values.set(expression, inputs[node.index]);
    else if (node.kind === 'constant') values.set(expression, node.value);
    else
      values.set(
        expression,
        compute(
          node.kind,
          partsOf(expression).map((part) => values.get(part)!),
        ),
      );
  }
  return values.get(root)!;
}

function compute(kind: Kind, [a, b, c]: readonly number[]): number {
  switch (kind) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'neg':
      return -a;
    case 'gt':
      return a > b ? 1 : 0;
    case 'le':
      return a <= b ? 1 : 0;
    case 'select':
      return a > 0 ? b : c;
    case 'sigmoid':
      return 1 / (1 + Math.exp(-a));
    case 'max':
    case 'min':
      return Math[kind](a, b);
    default:
      return Math[kind](a);
  }
}

function code(kind: Kind, [a, b, c]: readonly string[]): string {
  switch (kind) {
    case 'add':
      return `${a} + ${b}`;
    case 'sub':
      return `${a} - ${b}`;
    case 'mul':
      return `${a} * ${b}`;
    case 'div':
      return `${a} / ${b}`;
    case 'neg':
      return `-${a}`;
    case 'gt':
      return `select(Element(0), Element(1), ${a} > ${b})`;
    case 'le':
      return `select(Element(0), Element(1), ${a} <= ${b})`;
    case 'select':
      return `select(${c}, ${b}, ${a} > Element(0))`;
    case 'tanh':
      return `stable_tanh(${a})`;
    case 'sigmoid':
      return `stable_sigmoid(${a})`;
    case 'max':
    case 'min':
      return `${kind}(${a}, ${b})`;
    default:
      return `${kind}(${a})`;
  }
}

/** Digits that give this float32 and no other. */
function literal(value: number): string {
  const digits = String(value);
  return /[.e]/.test(digits) ? `${digits}f` : `${digits}.0f`;
}

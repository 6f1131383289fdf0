// The problems that are timed: a JSON object each, a line each, so that they can be edited as text.
import { sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { CaseInput } from '../../kernels/reference.ts';
import type { Room } from '../../kernels/registry.ts';

export interface TimedProblem {
  readonly inputs: Readonly<Record<string, CaseInput>>;
  readonly options: unknown;
}

/** Elements of one input at most: 64 MiB of float32. */
const MOST_ELEMENTS = 2 ** 24;
const MOST_PROBLEMS = 32;
const MOST_EXTENTS = 8;

/** Problems of growing size for what nets are made of, else a few of the room's cases. */
export function defaultProblems({ operation, cases }: Room): TimedProblem[] {
  const { name, inputs } = operation;
  if (name === 'matmul') return [32, 64, 128, 256].map((n) => problem({ a: [n, n], b: [n, n] }));
  if (name === 'linear') {
    return [64, 128, 256].map((n) => problem({ x: [32, n], weight: [n, n], bias: [n] }));
  }
  if (name === 'conv2d') {
    const layers = [
      { x: [8, 1, 28, 28], weight: [6, 1, 5, 5], padding: 2 },
      { x: [8, 16, 16, 16], weight: [16, 16, 3, 3], padding: 1 },
      { x: [8, 32, 16, 16], weight: [64, 32, 3, 3], padding: 1 },
      { x: [8, 64, 8, 8], weight: [64, 64, 1, 1], padding: 0 },
    ];
    return layers.map(({ x, weight, padding }) => problem({ x, weight, bias: [weight[0]!] }, { padding }));
  }
  const [first] = cases.cases;
  if (inputs.length === 1 && !inputs[0]!.variadic && first && first.inputs.x?.shape.length === 0) {
    return [10, 13, 16, 19].map((power) => problem({ x: [2 ** power] }, first.options));
  }
  const sized = cases.cases
    .map(({ inputs, options }) => ({ inputs, options, size: sizeOfAll(inputs) }))
    .filter(({ inputs }) => Object.values(inputs).every(({ fill }) => typeof fill !== 'object' || !('values' in fill)))
    .filter(({ size }) => size <= 2 ** 16)
    .sort((a, b) => a.size - b.size);
  return sized.slice(-3).map(({ inputs, options }) => ({ inputs, options }));
}

/** As `parseProblems` reads them. */
export function problemsText(problems: readonly TimedProblem[]): string {
  return problems
    .map(({ inputs, options }) => {
      const short = Object.entries(inputs).map(([name, { shape, fill }]) => [name, fill ? { shape, fill } : shape]);
      return JSON.stringify({ ...Object.fromEntries(short), options });
    })
    .join('\n');
}

/** @throws ShapeError naming the line that is no problem */
export function parseProblems(text: string): TimedProblem[] {
  const lines = text.split('\n').filter((line) => line.trim());
  if (!lines.length || lines.length > MOST_PROBLEMS) {
    throw new ShapeError(`give 1 to ${MOST_PROBLEMS} problems, one a line; there are ${lines.length}`);
  }
  return lines.map((line, i) => {
    try {
      return parsed(line);
    } catch (error) {
      throw new ShapeError(`problem ${i + 1}: ${(error as Error).message}`);
    }
  });
}

/** `a 64×64, b 64×64, {"transposeB":true}` */
export function problemName({ inputs, options }: TimedProblem): string {
  const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} ${shape.join('×') || 'scalar'}`);
  const text = JSON.stringify(options) ?? '{}';
  return [...shapes, ...(text === '{}' ? [] : [text])].join(', ');
}

function parsed(line: string): TimedProblem {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError('an object is expected, such as {"x": [2, 3], "options": {}}');
  }
  const { options = {}, ...given } = value as Record<string, unknown>;
  const inputs: Record<string, CaseInput> = {};
  for (const [name, input] of Object.entries(given)) {
    const { shape, fill } = (Array.isArray(input) ? { shape: input } : (input ?? {})) as Partial<CaseInput>;
    const isShape =
      Array.isArray(shape) && shape.length <= MOST_EXTENTS && shape.every((n) => Number.isInteger(n) && n > 0);
    if (!isShape) throw new ShapeError(`${name} must be a shape of at most ${MOST_EXTENTS} positive integers`);
    if (sizeOf(shape) > MOST_ELEMENTS) {
      throw new ShapeError(`${name} has ${sizeOf(shape)} elements; ${MOST_ELEMENTS} is the most`);
    }
    inputs[name] = fill === undefined ? { shape } : { shape, fill };
  }
  return { inputs, options };
}

function problem(shapes: Readonly<Record<string, readonly number[]>>, options: unknown = {}): TimedProblem {
  const inputs = Object.entries(shapes).map(([name, shape]) => [name, { shape }]);
  return { inputs: Object.fromEntries(inputs), options };
}

function sizeOfAll(inputs: Readonly<Record<string, CaseInput>>): number {
  return Object.values(inputs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

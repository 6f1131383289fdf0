// What transforms are built with, checked when they are built.
import { ShapeError } from '../../kernels/errors.ts';

/** Pixels of a square, or [height, width]. */
export type SquareOrSize = number | readonly [height: number, width: number];

/** @throws ShapeError */
export function checkProbability(type: string, p: number): number {
  if (typeof p === 'number' && p >= 0 && p <= 1) return p;
  throw new ShapeError(`${type}: p is a probability, 0 to 1, given ${p}`);
}

/** Two finite numbers, the lower first, within the bounds. @throws ShapeError naming the argument and its bounds */
export function checkRange(
  where: string,
  range: readonly number[],
  { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY, isAbove = false } = {},
): readonly [number, number] {
  const [from, to] = Array.isArray(range) ? (range as readonly number[]) : [];
  const isLegal =
    Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && from <= to && to <= high;
  if (isLegal && (isAbove ? from > low : from >= low)) return [from, to];
  const bounds = `${isAbove ? 'above' : 'from'} ${low} to ${high}`;
  throw new ShapeError(`${where} is two numbers [least, most] ${bounds}, given [${range}]`);
}

/** @throws ShapeError for a name that is not in the list */
export function checkChoice<T extends string>(where: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new ShapeError(`${where} is one of ${choices.join(', ')}, given ${value}`);
}

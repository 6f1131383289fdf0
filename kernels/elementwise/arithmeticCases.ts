// How the shapes of two operands may meet, each with its reason; add, sub, mul and div share them.
import { type Shape, sizeOf } from '../definition.ts';
import type { Case, Cases, Draw, Fill } from '../reference.ts';

type NoOptions = Record<string, never>;

/** @param fill of the second operand: a divisor stays away from zero */
export function arithmeticCases(
  { fill = 'normal' }: { fill?: Fill } = {},
  more: readonly Case<NoOptions>[] = [],
): Cases<NoOptions> {
  const meet = (x: Shape, other: Shape) => ({
    inputs: { x: { shape: x }, other: { shape: other, fill } },
    options: {},
  });
  return {
    cases: [
      { name: 'same shape, four at a time', ...meet([2, 8, 3, 3], [2, 8, 3, 3]) },
      { name: 'same shape, an odd number of elements', ...meet([3, 5, 7], [3, 5, 7]) },
      { name: 'two scalars', ...meet([], []) },
      { name: 'a scalar on the right', ...meet([4, 6], []) },
      { name: 'a scalar on the left', ...meet([], [3, 5]) },
      { name: 'one element of rank one', ...meet([2, 3, 4], [1]) },
      { name: 'a bias over the last dimension', ...meet([50, 8], [8]) },
      { name: 'a bias over an odd last dimension, on the left', ...meet([7], [50, 7]) },
      { name: 'a bias over the channels of images', ...meet([2, 8, 5, 5], [8, 1, 1]), reason: 'innermost in memory' },
      { name: 'six channels of LeNet-5', ...meet([2, 6, 5, 5], [1, 6, 1, 1]) },
      {
        name: 'a gate over the pixels of images',
        ...meet([2, 8, 4, 4], [2, 1, 4, 4]),
        reason: 'one value, four channels',
      },
      { name: 'one value a row, kept as a column', ...meet([6, 12], [6, 1]), reason: 'the mean of a normalisation' },
      { name: 'both sides repeat: an outer product', ...meet([5, 1], [1, 8]) },
      { name: 'both sides repeat, more dimensions on the right', ...meet([3, 1, 5], [2, 1, 4, 1]) },
      { name: 'six dimensions, every other one repeated', ...meet([2, 3, 2, 3, 2, 3], [2, 1, 2, 1, 2, 1]) },
      { name: 'six dimensions, the others repeated', ...meet([1, 3, 1, 3, 1, 4], [2, 3, 2, 3, 2, 4]) },
      {
        name: 'a long sum into few columns',
        ...meet([5000, 6], [6]),
        gradients: false,
        reason: 'slabs are merged in two stages; central differences need no 30,000 terms',
      },
      {
        name: 'a long sum into vector columns',
        ...meet([3001, 8], [8]),
        gradients: false,
        reason: 'slabs of four columns at a time',
      },
      {
        name: 'a long sum of rows',
        ...meet([3, 4001], [3, 1]),
        gradients: false,
        reason: 'neighbours take neighbouring terms',
      },
      {
        name: 'everything summed into a scalar',
        ...meet([211, 97], []),
        gradients: false,
        reason: 'one result, many slabs',
      },
      ...more,
    ],
    draw: ({ integer, pick, chance }: Draw) => {
      const shape = Array.from({ length: integer(0, 4) }, () => pick(1, 2, 3, 4, 8));
      const operand = () =>
        shape.slice(chance(0.3) ? integer(0, shape.length) : 0).map((extent) => (chance(0.25) ? 1 : extent));
      const [x, other] = chance(0.3) ? [shape, operand()] : [operand(), operand()];
      // a gradient summed into few elements may cancel to a thousandth of its terms, rounding included
      const tolerance = Math.min(sizeOf(x), sizeOf(other)) < 16 ? 1e-2 : undefined;
      return { ...meet(x, other), ...(tolerance && { tolerance }) };
    },
  };
}

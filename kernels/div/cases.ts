// How the operands of quotients may meet, and the divisors that matter.
import { arithmeticCases } from '../elementwise/arithmeticCases.ts';

export const cases = arithmeticCases({ fill: 'positive' }, [
  {
    name: 'a divisor whose square overflows',
    inputs: {
      x: { shape: [4], fill: { values: [1, 2, -3, 4] } },
      other: { shape: [4], fill: { values: [1e25, -2e25, 1e25, 3e25] } },
    },
    options: {},
    gradients: false,
    reason: 'x / other² must be computed in two divisions; central differences cannot resolve 1e-25',
  },
]);

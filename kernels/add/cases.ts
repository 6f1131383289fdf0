// How the operands of sums may meet; one of them large.
import { arithmeticCases } from '../elementwise/arithmeticCases.ts';

export const cases = arithmeticCases({}, [
  {
    name: 'more than 65,535 workgroups',
    inputs: { x: { shape: [2049, 2047], fill: 'ties' }, other: { shape: [2049, 2047], fill: 'ties' } },
    options: {},
    gradients: false,
    reason: 'the launch must fold into a second dimension',
  },
]);

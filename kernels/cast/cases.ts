// The numbers that float16 treats differently, each with its reason.
import type { Cases, Draw } from '../reference.ts';
import type { CastOptions } from './cast.ts';

const half = { options: { dtype: 'float16' as const }, gradients: false, tolerance: 0 };
const values = (...numbers: number[]) => ({ x: { shape: [numbers.length], fill: { values: numbers } } });

export const cases: Cases<CastOptions> = {
  cases: [
    { name: 'float32 stays what it is', inputs: { x: { shape: [3, 5] } }, options: { dtype: 'float32' }, tolerance: 0 },
    { name: 'images, four at a time', inputs: { x: { shape: [2, 4, 5, 6] } }, ...half },
    { name: 'an odd number of elements', inputs: { x: { shape: [3, 5, 7] } }, ...half },
    {
      name: 'ties go to the even neighbour',
      inputs: values(1 + 2 ** -11, 1 + 3 * 2 ** -11, -1 - 2 ** -11, 2049, 2051, 2 ** -25, 3 * 2 ** -25),
      ...half,
    },
    {
      name: 'just off a tie',
      inputs: values(1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -11 - 2 ** -20, 2 ** -25 * (1 + 2 ** -10)),
      ...half,
    },
    {
      name: 'subnormals',
      inputs: values(2 ** -24, -(2 ** -24), 1023 * 2 ** -24, 2 ** -14 - 2 ** -25, 6e-5, 5.9e-8, 2.9e-8, -1e-6, 3.3e-5),
      ...half,
      reason: 'flushing them to zero would lose small gradients earlier than PyTorch does',
    },
    {
      name: 'the largest number, and what is beyond it',
      inputs: values(65504, 65519, 65520, -65519, -65520, 1e30, Infinity, -Infinity),
      ...half,
      reason: 'an overflow must be seen as infinity: loss scaling looks for it',
    },
    { name: 'zeros keep their sign', inputs: values(0, -0, 1e-30, -1e-30), ...half },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [2049, 2047], fill: 'ties' } },
      ...half,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick }: Draw) => ({
    inputs: {
      x: {
        shape: Array.from({ length: integer(0, 4) }, () => integer(1, 9)),
        fill: { mean: 0, deviation: pick(1e-7, 1e-4, 1, 1e4) },
      },
    },
    options: { dtype: pick('float16', 'float32') },
    tolerance: 0,
    gradients: false,
  }),
};

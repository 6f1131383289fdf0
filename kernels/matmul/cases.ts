// The products that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { MatmulOptions } from './matmul.ts';

export const cases: Cases<MatmulOptions> = {
  cases: [
    { name: 'one by one by one', inputs: { a: { shape: [1, 1] }, b: { shape: [1, 1] } }, options: {} },
    { name: 'a row times a column', inputs: { a: { shape: [1, 37] }, b: { shape: [37, 1] } }, options: {} },
    { name: 'a column times a row', inputs: { a: { shape: [37, 1] }, b: { shape: [1, 29] } }, options: {} },
    { name: 'every extent odd', inputs: { a: { shape: [33, 17] }, b: { shape: [17, 65] } }, options: {} },
    { name: 'columns in fours: vec4 loads', inputs: { a: { shape: [20, 24] }, b: { shape: [24, 68] } }, options: {} },
    { name: 'few columns, many rows', inputs: { a: { shape: [131, 19] }, b: { shape: [19, 6] } }, options: {} },
    { name: 'NT', inputs: { a: { shape: [19, 23] }, b: { shape: [41, 23] } }, options: { transposeB: true } },
    { name: 'TN', inputs: { a: { shape: [23, 19] }, b: { shape: [23, 41] } }, options: { transposeA: true } },
    {
      name: 'TT',
      inputs: { a: { shape: [23, 19] }, b: { shape: [41, 23] } },
      options: { transposeA: true, transposeB: true },
    },
    { name: 'batched', inputs: { a: { shape: [3, 9, 11] }, b: { shape: [3, 11, 13] } }, options: {} },
    {
      name: 'one right-hand side for all batches',
      inputs: { a: { shape: [3, 9, 11] }, b: { shape: [11, 13] } },
      options: {},
    },
    {
      name: 'more than 65,535 batches',
      inputs: { a: { shape: [65_600, 1, 2], fill: 'ties' }, b: { shape: [65_600, 2, 1], fill: 'ties' } },
      options: {},
      gradients: false,
      reason: 'one workgroup a batch along z, where the launch must be cut',
    },
    {
      name: 'a long sum keeps its precision',
      inputs: { a: { shape: [2, 5000] }, b: { shape: [5000, 3] } },
      options: {},
      reason: 'float32 sums 5,000 terms',
    },
  ],
  draw: ({ integer, chance }) => {
    const [m, k, n] = [integer(1, 40), integer(1, 40), integer(1, 70)];
    const batch = chance(0.3) ? [integer(1, 3)] : [];
    const [transposeA, transposeB] = [batch.length === 0 && chance(0.5), chance(0.5)];
    return {
      inputs: {
        a: { shape: [...batch, ...(transposeA ? [k, m] : [m, k])] },
        b: { shape: [...(batch.length && chance(0.5) ? batch : []), ...(transposeB ? [n, k] : [k, n])] },
      },
      options: { transposeA, transposeB },
    };
  },
};

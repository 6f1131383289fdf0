// The linear layers that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { LinearOptions } from './linear.ts';

const layer = (rows: number[], inFeatures: number, outFeatures: number, bias = true) => ({
  x: { shape: [...rows, inFeatures] },
  weight: { shape: [outFeatures, inFeatures] },
  ...(bias ? { bias: { shape: [outFeatures] } } : {}),
});

export const cases: Cases<LinearOptions> = {
  cases: [
    { name: "LeNet-5's first: columns in fours", inputs: layer([8], 100, 120), options: {} },
    { name: "LeNet-5's last: ten classes", inputs: layer([8], 84, 10), options: {} },
    { name: 'AlexNet: rectified at once', inputs: layer([6], 30, 44), options: { relu: true } },
    { name: 'rectified, a sum of many pieces', inputs: layer([3], 1500, 9), options: { relu: true } },
    { name: 'no bias', inputs: layer([5], 7, 9, false), options: {} },
    { name: 'one row, one feature each way', inputs: layer([1], 1, 1), options: {} },
    { name: 'rows of any rank', inputs: layer([2, 3], 5, 12), options: {} },
    { name: 'a vector without rows', inputs: layer([], 6, 4), options: {} },
  ],
  draw: ({ integer, pick, chance }) => {
    const rows = pick([integer(1, 33)], [integer(1, 4), integer(1, 5)]);
    const [inFeatures, outFeatures] = [integer(1, 70), pick(integer(1, 80), 4 * integer(1, 20))];
    return {
      inputs: layer(rows, inFeatures, outFeatures, chance(0.7)),
      options: { relu: chance(0.25) },
      // the gradient of a single bias may cancel to a thousandth of its terms, rounding included
      ...(outFeatures === 1 && { tolerance: 1e-2 }),
    };
  },
};

// Norms above and below the bound.
import type { Cases } from '../reference.ts';
import type { ClipToNormOptions } from './clipToNorm.ts';

export const cases: Cases<ClipToNormOptions> = {
  cases: [
    { name: 'a norm above the bound scales', inputs: inputs([130], 20), options: { maxNorm: 1 } },
    { name: 'a norm below the bound changes nothing', inputs: inputs([16, 1, 5, 5], 0.5), options: { maxNorm: 1 } },
    { name: 'a norm of zero divides by nothing', inputs: inputs([7], 0), options: { maxNorm: 1 } },
    { name: 'a bound of zero clears', inputs: inputs([33], 3), options: { maxNorm: 0 } },
  ],
  draw: ({ integer, pick }) => ({
    inputs: inputs([integer(1, 5000)], pick(0.1, 3, 50)),
    options: { maxNorm: pick(0.5, 1, 10) },
  }),
};

function inputs(shape: number[], norm: number) {
  return { gradients: { shape }, norm: { shape: [], fill: { values: [norm] } } };
}

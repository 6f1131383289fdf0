// Gradients that are finite, and one among many that is not.
import type { Cases, Fill } from '../reference.ts';
import type { UnscaleOptions } from './unscale.ts';

export const cases: Cases<UnscaleOptions> = {
  cases: [
    { name: 'all finite', inputs: inputs([33]), options: { factor: 2 ** -16 } },
    { name: 'four at a time', inputs: inputs([8, 4, 3, 3]), options: { factor: 0.25 } },
    { name: 'an infinity', inputs: inputs([5], values(1, 2, Infinity, -1, 0)), options: { factor: 0.5 } },
    {
      name: 'minus infinity in the last lane',
      inputs: inputs([4], values(1, 2, 3, -Infinity)),
      options: { factor: 2 },
    },
    { name: 'a NaN', inputs: inputs([8], values(1, 2, 3, 4, 5, 6, Number.NaN, 8)), options: { factor: 1 } },
    {
      name: 'what was found before stays',
      inputs: inputs([7], 'normal', 1),
      options: { factor: 1 },
      reason: 'the gradients of one optimizer may lie in several arenas',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: inputs([2049 * 2047], 'ties'),
      options: { factor: 0.5 },
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick, chance }) => ({
    inputs: inputs([integer(1, 5000)], { mean: 0, deviation: pick(1e-3, 1, 1e3) }, Number(chance(0.3))),
    options: { factor: pick(2 ** -16, 0.5, 1) },
  }),
};

function inputs(shape: number[], fill: Fill = 'normal', found = 0) {
  return { gradients: { shape, fill }, found: { shape: [1], fill: values(found) } };
}

function values(...numbers: number[]): Fill {
  return { values: numbers };
}

// What every elementwise operation of one tensor must survive, whatever it computes.
import type { Case, CaseInput, Cases, Draw } from '../reference.ts';

/**
 * @param options sets of options: the first serves the shapes, every one is tried near zero and saturated
 */
export function mapCases<Options>(options: readonly Options[], more: readonly Case<Options>[] = []): Cases<Options> {
  const x = (input: CaseInput) => ({ inputs: { x: input }, options: options[0] });
  return {
    cases: [
      { name: 'a scalar has no dimensions', ...x({ shape: [] }) },
      { name: 'LeNet-5: six channels', ...x({ shape: [2, 6, 5, 5] }) },
      { name: 'an odd number of elements', ...x({ shape: [3, 5, 7] }), reason: 'no four at a time' },
      { name: 'rank six', ...x({ shape: [2, 1, 3, 2, 1, 2] }) },
      ...options.flatMap((each): Case<Options>[] => [
        {
          name: `small and moderate arguments, ${JSON.stringify(each)}`,
          inputs: { x: { shape: [10], fill: { values: SMALL } } },
          options: each,
          reason: 'cancellation near zero would show',
        },
        {
          name: `saturated arguments, ${JSON.stringify(each)}`,
          inputs: { x: { shape: [8], fill: { values: [-1e4, -500, -90, -20, 20, 90, 500, 1e4] } } },
          options: each,
          gradients: false,
          reason: 'exponentials overflow here; central differences of 1e4 have no digits left',
        },
        {
          name: `NaN stays NaN, ${JSON.stringify(each)}`,
          inputs: { x: { shape: [6], fill: { values: [NaN, 1, -2, NaN, 0.1, NaN] } } },
          options: each,
          gradients: false,
          reason: 'min, max, clamp and sign of NaN may be numbers: a broken activation would look sound',
        },
      ]),
      ...more,
    ],
    draw: ({ integer, pick }: Draw) => {
      const shape = Array.from({ length: integer(0, 4) }, () => integer(1, 9));
      const deviation = pick(1e-2, 1, 5);
      // slopes like 1 - y² of a saturated y have lost digits: values near zero must be among them to set the scale
      if (deviation === 5) shape.push(32 + integer(0, 3));
      return { inputs: { x: { shape, fill: { mean: 0, deviation } } }, options: pick(...options) };
    },
  };
}

const SMALL = [-8.5, -5, -3, -0.7, -1e-4, 1e-4, 0.6, 0.65, 3, 8.5];

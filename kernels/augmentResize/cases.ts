// The resizes that matter, each with its reason. Plans and taps are written out: they are tables, not shapes.
import type { Case, Cases } from '../reference.ts';
import type { AugmentResizeOptions } from './augmentResize.ts';

/** Integers throughout. */
const tolerance = 0;
/** float32 holds 24 bits, which are the three levels. */
const fill = { integersBelow: 2 ** 24 };
const UNIT = 2 ** 22;

export const cases: Cases<AugmentResizeOptions> = {
  cases: [
    {
      name: 'a pixel each, crooked order, as crops and flips behind a resize ask',
      ...problem(
        { x: [2, 3, 5], size: [3, 4], taps: [0, 1, 2].map((first) => [first, [UNIT]]), corners: [[0, 2]] },
        (i) => [2, 0, 1, 2][i],
      ),
    },
    {
      name: 'averages, and thirds that round',
      ...problem(
        {
          x: [3, 4, 4],
          size: [2, 3],
          taps: [
            [0, [UNIT / 2, UNIT / 2]],
            [1, [1398101, 1398101, 1398101]],
          ],
          corners: [[0, 0]],
        },
        (i) => i % 2,
      ),
    },
    {
      name: 'weights below zero; sums beyond 0 and 255 are cut',
      ...problem(
        {
          x: [2, 6, 6],
          size: [5, 5],
          taps: [[0, [-600000, UNIT + 1200000, -600000]]],
          corners: [
            [0, 0],
            [3, 2],
          ],
        },
        () => 0,
      ),
      reason: 'as bicubic filters have them',
    },
    {
      name: 'padding behind a resize',
      ...problem(
        {
          x: [1, 2, 2],
          size: [5, 4],
          taps: [[0, [UNIT / 4, 3 * (UNIT / 4)]]],
          corners: [[0, 0]],
          fills: [0xff, 0x10203],
        },
        (i) => (1 - i < 0 ? Math.max(1 - i, -2) : 0),
      ),
    },
    {
      name: 'more than 65,535 workgroups',
      ...problem({ x: [1, 2049, 3], size: [2, 2048], taps: [[0, [UNIT]]], corners: [[0, 0]] }, () => 0),
      reason: 'the first pass must fold into a second dimension',
    },
  ],
  draw: ({ integer, chance }) => {
    const reach = integer(1, 4); // input coordinates that a table's taps see
    const taps = Array.from({ length: integer(1, 6) }, (): Tap => {
      const first = integer(0, reach - 1);
      const weights = Array.from({ length: integer(1, reach - first) }, () => integer(-UNIT / 8, UNIT / 2));
      return [first, weights];
    });
    const fills = Array.from({ length: integer(0, 4) }, () => integer(0, 2 ** 24 - 1));
    const x = [integer(1, 5), reach + integer(0, 7), reach + integer(0, 7)] as const;
    const corners = Array.from({ length: x[0] }, () => [integer(0, x[1] - reach), integer(0, x[2] - reach)] as const);
    return problem({ x, size: [integer(1, 12), integer(1, 12)], taps, corners, fills }, () =>
      fills.length && chance(0.2) ? integer(-fills.length, -1) : integer(0, taps.length - 1),
    );
  },
};

type Tap = readonly [first: number, weights: readonly number[]];

interface Tables extends AugmentResizeOptions {
  readonly x: readonly [n: number, h: number, w: number];
  readonly taps: readonly Tap[];
  /** Top and left of each sample; the last one stands for those that follow. */
  readonly corners: readonly (readonly [number, number])[];
}

/** Each sample's rows and columns by `shown`, given the output's coordinate. */
function problem(
  { x, size, taps, corners, fills = [] }: Tables,
  shown: (i: number) => number,
): Omit<Case<AugmentResizeOptions>, 'name'> {
  const plan = Array.from({ length: x[0] }, (_, i) => [
    ...(corners[i] ?? corners[corners.length - 1]),
    ...Array.from({ length: size[0] }, (_, oh) => shown(oh)),
    ...Array.from({ length: size[1] }, (_, ow) => shown(ow)),
  ]);
  const tapRow = 2 + Math.max(...taps.map(([, weights]) => weights.length));
  const table = taps.map(([first, weights]) => {
    const row = new Array<number>(tapRow).fill(0);
    row.splice(0, 2 + weights.length, first, weights.length, ...weights);
    return row;
  });
  return {
    inputs: {
      x: { shape: x, fill },
      plan: { shape: [x[0], 2 + size[0] + size[1]], fill: { values: plan.flat() } },
      taps: { shape: [taps.length, tapRow], fill: { values: table.flat() } },
    },
    options: { size, fills },
    tolerance,
  };
}

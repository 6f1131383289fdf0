// The digits 0-9 as pen strokes, two to four styles each, in a box 12 wide and 20 high with y pointing down.

export type Point = readonly [x: number, y: number];

/** A line of the pen, sampled finely enough that bending its points bends the line. */
export type Stroke = readonly Point[];

/** Points between two control points of a curve, and between two ends of a line. */
const STEPS = 5;

const OVAL_NINE = curve([10.5, 5], [8.5, 0.8], [5, 0], [1.5, 2.5], [1.3, 7], [5, 10], [9, 8.5], [10.5, 5]);

/** Strokes by digit and style: `DIGITS[4][1]` is the second way to write a 4. */
export const DIGITS: readonly (readonly (readonly Stroke[])[])[] = [
  [
    [curve([6, 0], [1.5, 4], [0.5, 10], [1.5, 16], [6, 20], [10.5, 16], [11.5, 10], [10.5, 4], [6, 0])],
    [curve([6, 0], [3, 5], [2.5, 10], [3, 15], [6, 20], [9, 15], [9.5, 10], [9, 5], [6, 0])],
    [curve([7.5, 0.5], [3, 2.5], [0.5, 10], [3, 18], [7, 19.5], [11, 14], [11, 6], [8, 1], [4, 2.5])],
  ],
  [
    [line([6, 0], [6, 20])],
    [line([2.5, 4.5], [6.5, 0], [6.5, 20])],
    [line([3, 4], [6.5, 0], [6.5, 20]), line([2.5, 20], [10, 20])],
  ],
  [
    [
      curve([1, 5], [2.5, 1.5], [6, 0], [10, 1.8], [10.8, 5.5], [8.5, 10.5], [4, 16], [0.8, 20]),
      line([0.8, 20], [11.5, 20]),
    ],
    [
      curve(
        [1, 4.5],
        [4, 0.5],
        [9, 1],
        [10.5, 5],
        [8, 11],
        [3, 18.5],
        [0.8, 18.5],
        [2, 16.5],
        [6, 18],
        [8.5, 19.5],
        [11.5, 18],
      ),
    ],
    [curve([1.5, 3], [6, 0], [10.5, 4], [8, 9.5], [4, 15.5], [1, 20]), line([1, 20], [11, 19])],
  ],
  [
    [
      curve([1, 3], [5.5, 0], [10, 3.5], [9, 7.5], [4.5, 9.3]),
      curve([4.5, 9.3], [10, 11], [11.2, 15], [7, 19.5], [3, 19.5], [0.5, 16.5]),
    ],
    [line([1, 0], [10.5, 0], [5, 8]), curve([5, 8], [9.5, 9.5], [11.2, 14], [8, 19], [4, 20], [0.5, 17])],
  ],
  [
    [line([2.5, 0], [1, 12], [11.5, 12]), line([8.5, 5], [8.5, 20])],
    [line([8.5, 20], [8.5, 0], [0.5, 13.5], [11.5, 13.5])],
    [curve([2, 1], [1, 7], [2.5, 10.5], [9.3, 10]), line([10, 0], [8.5, 20])],
  ],
  [
    [
      line([10.5, 0], [2.5, 0], [1.8, 8.5]),
      curve([1.8, 8.5], [6, 7], [10.5, 9.5], [11.2, 14], [8, 19], [4, 20], [0.5, 17.5]),
    ],
    [curve([10.5, 0], [4, 0.8], [2, 4.5], [4.5, 8], [9, 10], [10.8, 14.5], [8, 19], [4, 20], [0.5, 17.5])],
  ],
  [
    [curve([9, 0], [4, 4.5], [1, 11], [1.5, 17], [6, 20], [10.5, 17], [10.5, 12], [6.5, 9.5], [2.5, 12], [1.5, 15])],
    [
      curve([7, 0], [2.5, 7.5], [1, 14]),
      curve([1, 14], [3, 9.8], [7, 9], [11, 13], [10, 18], [6, 20], [2, 18], [1, 14]),
    ],
  ],
  [
    [line([0.5, 0.5], [11, 0.5], [4.5, 20])],
    [line([0.5, 0.5], [11, 0.5], [4.5, 20]), line([3.5, 10.5], [10, 10.5])],
    [line([0.5, 3], [0.5, 0.5], [11, 0.5]), curve([11, 0.5], [7.5, 8], [5.5, 14], [5, 20])],
  ],
  [
    [
      curve([6, 0], [2, 2], [2, 7], [6, 9.3], [10, 7], [10, 2], [6, 0]),
      curve([6, 9.3], [1, 12], [1, 17.5], [6, 20], [11, 17.5], [11, 12], [6, 9.3]),
    ],
    [
      curve(
        [10, 2.5],
        [6, 0],
        [2, 2.5],
        [3, 7],
        [9, 12],
        [10.5, 16.5],
        [6, 20],
        [1.5, 16.5],
        [3, 12],
        [9, 7],
        [10, 2.5],
      ),
    ],
  ],
  [
    [OVAL_NINE, line([10.5, 4.5], [9.5, 20])],
    [OVAL_NINE, curve([10.5, 5], [10.8, 12], [9, 18], [5, 20], [2, 18.5])],
  ],
];

/** Straight pieces between the points. */
function line(...points: Point[]): Stroke {
  const samples = [points[0]!];
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!];
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      samples.push([from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t]);
    }
  }
  return samples;
}

/** A uniform Catmull–Rom spline through the points; closed where the last equals the first. */
function curve(...points: Point[]): Stroke {
  const last = points.length - 1;
  const isClosed = points[0]![0] === points[last]![0] && points[0]![1] === points[last]![1];
  const before = isClosed ? points[last - 1]! : points[0]!;
  const after = isClosed ? points[1]! : points[last]!;
  const knots = [before, ...points, after];
  const samples = [points[0]!];
  for (let i = 1; i <= last; i++) {
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      const at = (axis: 0 | 1): number => {
        const [p0, p1, p2, p3] = [knots[i - 1]![axis], knots[i]![axis], knots[i + 1]![axis], knots[i + 2]![axis]];
        return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
      };
      samples.push([at(0), at(1)]);
    }
  }
  return samples;
}

// The animated picture, and the convolution that looks at it.
export const SIDE = 96;
export const FILTERS = 8;

/** At a time in seconds: a turning bar, a moving disc and a fine grid. Values from 0 to 1: [SIDE, SIDE]. */
export function picture(seconds) {
  const values = new Float32Array(SIDE * SIDE);
  const [cos, sin] = [Math.cos(seconds), Math.sin(seconds)];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [u, v] = [x - SIDE / 2, y - SIDE / 2];
      const inBar = Math.abs(u * cos + v * sin) < 5 && Math.hypot(u, v) < 40;
      const inDisc = Math.hypot(u - 26 * sin, v - 26 * cos) < 11;
      const inGrid = x > 70 && y > 70 && (x + y) % 4 < 2;
      values[y * SIDE + x] = inDisc ? 1 : inBar ? 0.7 : inGrid ? 0.5 : 0.1;
    }
  }
  return values;
}

/** Edges towards the right, the left, below and above, both diagonals, spots, and a blur: [FILTERS, 1, 3, 3]. */
export const weights = Float32Array.from(
  [
    [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((value) => value / 3),
    [1, 0, -1, 2, 0, -2, 1, 0, -1].map((value) => value / 3),
    [-1, -2, -1, 0, 0, 0, 1, 2, 1].map((value) => value / 3),
    [1, 2, 1, 0, 0, 0, -1, -2, -1].map((value) => value / 3),
    [0, 1, 2, -1, 0, 1, -2, -1, 0].map((value) => value / 3),
    [2, 1, 0, 1, 0, -1, 0, -1, -2].map((value) => value / 3),
    [-1, -1, -1, -1, 8, -1, -1, -1, -1].map((value) => value / 4),
    [1, 2, 1, 2, 4, 2, 1, 2, 1].map((value) => value / 16),
  ].flat(),
);

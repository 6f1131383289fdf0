// A random placement of a digit on the page: an affine map, bent by a smooth random field.

import type { Random } from '../random.ts';
import type { Point } from './strokes.ts';

/** From the digit's 12x20 box to pixels. */
export type Warp = (point: Point) => Point;

/** How far a digit may stray; lengths in pixels. */
export interface WarpLimits {
  /** Height of a digit relative to 20 pixels, smallest and largest; the width varies by `aspect` besides. */
  scale: readonly [low: number, high: number];
  aspect: readonly [low: number, high: number];
  /** Largest rotation either way, as the tangent of half the angle: 0.18 is 20 degrees. */
  halfTangent: number;
  /** Largest slant: horizontal shift per unit of height. */
  shear: number;
  /** Largest shift of the centre along each axis. */
  shift: number;
  /** Standard deviation of the bending field at its grid points. */
  wobble: number;
}

/** The field is given on a grid over the box, 3 across and 4 down, and is smooth in between. */
const COLUMNS = 3;
const ROWS = 4;

/** Draws one placement, centred on (`centre`, `centre`) but for its shift. */
export function randomWarp(random: Random, centre: number, limits: WarpLimits): Warp {
  const height = random.uniform(...limits.scale);
  const width = height * random.uniform(...limits.aspect);
  const tangent = random.uniform(-limits.halfTangent, limits.halfTangent);
  // Sine and cosine as rational functions of the half-angle's tangent: Math.sin may differ between engines.
  const cosine = (1 - tangent * tangent) / (1 + tangent * tangent);
  const sine = (2 * tangent) / (1 + tangent * tangent);
  const shear = random.uniform(-limits.shear, limits.shear);
  const centreX = centre + random.uniform(-limits.shift, limits.shift);
  const centreY = centre + random.uniform(-limits.shift, limits.shift);
  const field = Array.from({ length: 2 * COLUMNS * ROWS }, () => random.normal(0, limits.wobble));
  return ([boxX, boxY]) => {
    const y = (boxY - 10) * height;
    const x = (boxX - 6) * width - shear * y;
    const column = (boxX / 12) * (COLUMNS - 1);
    const row = (boxY / 20) * (ROWS - 1);
    return [
      centreX + cosine * x - sine * y + interpolate(field, 0, column, row),
      centreY + sine * x + cosine * y + interpolate(field, COLUMNS * ROWS, column, row),
    ];
  };
}

/** Bilinear with smoothed weights, clamped at the border of the grid. */
function interpolate(field: readonly number[], offset: number, column: number, row: number): number {
  const c = Math.max(0, Math.min(COLUMNS - 2, Math.floor(column)));
  const r = Math.max(0, Math.min(ROWS - 2, Math.floor(row)));
  const s = smooth(column - c);
  const t = smooth(row - r);
  const at = offset + r * COLUMNS + c;
  const upper = field[at]! * (1 - s) + field[at + 1]! * s;
  const lower = field[at + COLUMNS]! * (1 - s) + field[at + COLUMNS + 1]! * s;
  return upper * (1 - t) + lower * t;
}

function smooth(t: number): number {
  const clamped = Math.max(0, Math.min(1, t));
  return clamped * clamped * (3 - 2 * clamped);
}

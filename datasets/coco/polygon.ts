// Polygons to masks, pixel for pixel as pycocotools: the boundary is walked on a grid five times as fine, and where it
// passes from one side of a column's centre to the other, the mask begins or ends in that column.
import { ShapeError } from '../../kernels/errors.ts';
import { checkMaskSize, type Rle } from './rle.ts';

/** Fine steps a pixel. */
const SCALE = 5;
/** Fine steps around a mask; more is no outline of anything, but takes seconds for a few bytes of text. */
const MAX_STEPS = 2 ** 22;
const MAX_PIXELS = Math.floor(MAX_STEPS / SCALE);

/**
 * The inside of one polygon. What overlaps itself is filled by the even-odd rule, what lies outside the image is left
 * out, and pixels belong to it by their centres, about.
 * @param polygon x and y of each corner in turn, in pixels
 * @throws ShapeError for an odd number of coordinates, none, numbers that are not finite, or an absurdly long outline
 */
export function polygonToRle(polygon: readonly number[], { height, width }: Pick<Rle, 'height' | 'width'>): Rle {
  checkMaskSize({ height, width });
  checkPolygons([polygon]);
  const fine = polygon.map((value) => Math.trunc(SCALE * value + 0.5));
  const switches: number[] = [];
  let [lastX, lastY] = [fine[0]!, fine[1]!];
  for (let i = 0; i < fine.length; i += 2) {
    const j = (i + 2) % fine.length;
    walk(fine[i]!, fine[i + 1]!, fine[j]!, fine[j + 1]!, (x, y) => {
      if (x !== lastX) cross(Math.min(x, lastX), Math.min(y, lastY));
      [lastX, lastY] = [x, y];
    });
  }
  return { height, width, counts: runsBetween(switches, height * width) };

  /** The boundary goes from fine column x to x + 1, or back: centres of pixels lie on columns 5c + 2. */
  function cross(x: number, y: number): void {
    const column = (x - 2) / SCALE;
    if (!Number.isInteger(column) || column < 0 || column >= width) return;
    const row = Math.min(height, Math.max(0, Math.ceil((y - 2) / SCALE)));
    switches.push(column * height + row);
  }
}

/**
 * Checks the polygons of one mask, their outlines together, before they are walked.
 * @throws ShapeError as polygonToRle
 */
export function checkPolygons(polygons: readonly (readonly number[])[]): void {
  let steps = 0;
  for (const polygon of polygons) {
    const { length } = polygon;
    if (length === 0 || length % 2)
      throw new ShapeError(`a polygon has x and y of each corner, given ${length} numbers`);
    const odd = polygon.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new ShapeError(`coordinate ${odd} of a polygon is ${polygon[odd]}, expected a finite number`);
    for (let i = 0; i < length; i++) steps += SCALE * Math.abs(polygon[i]! - polygon[(i + 2) % length]!);
  }
  if (steps > MAX_STEPS)
    throw new ShapeError(`the outline is ${Math.ceil(steps / SCALE)} pixels long, expected at most ${MAX_PIXELS}`);
}

/** Visits the fine points of an edge, both ends included; the same points in either direction. */
function walk(x0: number, y0: number, x1: number, y1: number, visit: (x: number, y: number) => void): void {
  const [dx, dy] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const isFlat = dx >= dy;
  const steps = Math.max(dx, dy);
  const isBackward = isFlat ? x0 > x1 : y0 > y1;
  const [fromX, fromY, toX, toY] = isBackward ? [x1, y1, x0, y0] : [x0, y0, x1, y1];
  const slope = steps === 0 ? 0 : (isFlat ? toY - fromY : toX - fromX) / steps;
  for (let step = 0; step <= steps; step++) {
    const t = isBackward ? steps - step : step;
    if (isFlat) visit(fromX + t, Math.trunc(fromY + slope * t + 0.5));
    else visit(Math.trunc(fromX + slope * t + 0.5), fromY + t);
  }
}

/** Run lengths from the places where the mask changes; two changes at one place are none. */
function runsBetween(switches: readonly number[], pixels: number): Uint32Array<ArrayBuffer> {
  const places = Float64Array.from([...switches, pixels]).sort();
  const counts = [places[0]!];
  for (let i = 1; i < places.length; i++) {
    const length = places[i]! - places[i - 1]!;
    if (length > 0) counts.push(length);
    else if (++i < places.length) counts[counts.length - 1]! += places[i]! - places[i - 1]!;
  }
  return Uint32Array.from(counts);
}

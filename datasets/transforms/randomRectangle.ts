// A rectangle of random area, proportions and place within an image, as torchvision draws them.
import type { Rectangle } from '../images/crop.ts';
import type { Random } from '../random.ts';

export interface RectangleRange {
  readonly height: number;
  readonly width: number;
  /** Of the area, as a share of the image's. */
  readonly scale: readonly [number, number];
  /** Of width over height, drawn evenly in its logarithm. */
  readonly ratio: readonly [number, number];
  /** Shorter than the image on both sides, and possibly empty. Default false: as long is fine, empty is not. */
  readonly isInside?: boolean;
}

const TRIES = 10;

/** null when none of ten tries fits into the image. */
export function randomRectangle(
  random: Random,
  { height, width, scale, ratio, isInside = false }: RectangleRange,
): Rectangle | null {
  const least = isInside ? 0 : 1;
  const spare = isInside ? 1 : 0;
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * random.uniform(...scale);
    const proportions = Math.exp(random.uniform(low, high));
    const columns = roundHalfToEven(Math.sqrt(area * proportions));
    const rows = roundHalfToEven(Math.sqrt(area / proportions));
    if (Math.min(columns, rows) < least || columns > width - spare || rows > height - spare) continue;
    const [top, left] = [random.integer(height - rows + 1), random.integer(width - columns + 1)];
    return { top, left, height: rows, width: columns };
  }
  return null;
}

/** Python's round. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

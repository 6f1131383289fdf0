// How paddings are given to transforms.
import { ShapeError } from '../../kernels/errors.ts';
import { PADDING_MODES, type PaddingMode, type PadOptions, type Sides } from '../images/pad.ts';
import { checkChoice } from './checkArguments.ts';

/** All sides; or [left and right, top and bottom]; or [left, top, right, bottom]. */
export type Padding = number | readonly number[];

/** @throws ShapeError for another count, or what is no integer */
export function sidesOf(type: string, padding: Padding): Sides {
  const given = Array.isArray(padding) ? (padding as readonly number[]) : [padding as number];
  if (![1, 2, 4].includes(given.length) || !given.every(Number.isInteger)) {
    throw new ShapeError(`${type}: padding is an integer, or 2 or 4 of them, given ${padding}`);
  }
  const [left, top = left, right = left, bottom = top] = given as [number, ...number[]];
  return [left, top, right, bottom];
}

/** The options with their defaults. @throws ShapeError for an unknown mode, or levels that are no bytes */
export function checkPadOptions(
  type: string,
  { fill = 0, paddingMode = 'constant' }: PadOptions,
): Required<PadOptions> {
  const levels: readonly number[] = Array.isArray(fill) ? fill : [fill as number];
  const isLegal = (level: number) => Number.isInteger(level) && level >= 0 && level <= 255;
  if (![1, 3].includes(levels.length) || !levels.every(isLegal)) {
    throw new ShapeError(`${type}: fill is a level 0 to 255, or three of them, given ${fill}`);
  }
  return { fill, paddingMode: checkChoice<PaddingMode>(`${type}: paddingMode`, paddingMode, PADDING_MODES) };
}

// Which row and which column of its source each row and column of a sample shows: crops, flips and paddings rewrite two
// short tables and touch no pixel.
import type { Rectangle } from '../../datasets/images/crop.ts';
import { type PaddingMode, paddedFrom, type Sides } from '../../datasets/images/pad.ts';

/** A negative entry -1 - i shows fill i. */
export interface Geometry {
  readonly rows: Int32Array<ArrayBuffer>;
  readonly columns: Int32Array<ArrayBuffer>;
}

/** Everything as it lies. */
export function wholeOf([height, width]: readonly [number, number]): Geometry {
  return {
    rows: Int32Array.from({ length: height }, (_, i) => i),
    columns: Int32Array.from({ length: width }, (_, i) => i),
  };
}

/** A rectangle within. */
export function cropped({ rows, columns }: Geometry, { top, left, height, width }: Rectangle): Geometry {
  return { rows: rows.slice(top, top + height), columns: columns.slice(left, left + width) };
}

export function flippedHorizontally({ rows, columns }: Geometry): Geometry {
  return { rows, columns: columns.slice().reverse() };
}

export function flippedVertically({ rows, columns }: Geometry): Geometry {
  return { rows: rows.slice().reverse(), columns };
}

/** @param fill which one a constant padding shows */
export function padded({ rows, columns }: Geometry, padding: Sides, mode: PaddingMode, fill: number): Geometry {
  const [left, top, right, bottom] = padding;
  return { rows: extended(rows, [top, bottom], mode, fill), columns: extended(columns, [left, right], mode, fill) };
}

function extended(
  shown: Int32Array<ArrayBuffer>,
  [before, after]: readonly [number, number],
  mode: PaddingMode,
  fill: number,
): Int32Array<ArrayBuffer> {
  const length = before + shown.length + after;
  if (mode !== 'constant') return paddedFrom(shown.length, before, length, mode).map((from) => shown[from]);
  const all = new Int32Array(length).fill(-1 - fill);
  all.set(shown, before);
  return all;
}

// Which row and which column of its source each row and column of a sample shows: crops, flips and paddings rewrite two
// short tables and touch no pixel.

/** A negative entry -1 - i shows fill i. */
export interface Geometry {
  readonly rows: Int32Array<ArrayBuffer>;
  readonly columns: Int32Array<ArrayBuffer>;
}

export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

export type Padding = readonly [left: number, top: number, right: number, bottom: number];
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

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
export function padded({ rows, columns }: Geometry, padding: Padding, mode: PaddingMode, fill: number): Geometry {
  const [left, top, right, bottom] = padding;
  return { rows: extended(rows, [top, bottom], mode, fill), columns: extended(columns, [left, right], mode, fill) };
}

function extended(
  shown: Int32Array<ArrayBuffer>,
  [before, after]: readonly [number, number],
  mode: PaddingMode,
  fill: number,
): Int32Array<ArrayBuffer> {
  const extent = shown.length;
  return Int32Array.from({ length: before + extent + after }, (_, i) => {
    const position = i - before;
    if (position >= 0 && position < extent) return shown[position];
    return mode === 'constant' ? -1 - fill : shown[outside(position, extent, mode)];
  });
}

/** Where a position outside is found again, as numpy.pad repeats borders and mirror images. */
function outside(position: number, extent: number, mode: 'edge' | 'reflect' | 'symmetric'): number {
  if (mode === 'edge' || extent === 1) return position < 0 ? 0 : extent - 1;
  // a mirror image and its original repeat; `reflect` shows the border itself once
  const period = mode === 'reflect' ? 2 * extent - 2 : 2 * extent;
  const phase = ((position % period) + period) % period;
  return phase < extent ? phase : (mode === 'reflect' ? period : period - 1) - phase;
}

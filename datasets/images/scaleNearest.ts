// Nearest neighbours along the axes, bit for bit as Pillow's ImagingScaleAffine
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Geometry.c).

import type { Image } from './image.ts';

/** One axis: the pixel at place `i` reads place `offset + (i + 0.5) * step` of the input. */
export interface Axis {
  readonly size: number;
  readonly step: number;
  readonly offset: number;
}

/** @param fill a level for each channel, where the input has no pixel; black when left out */
export function scaleNearest(image: Image, horizontal: Axis, vertical: Axis, fill: readonly number[] = []): Image {
  const { channels, data } = image;
  const columns = places(horizontal, image.width);
  const rows = places(vertical, image.height);
  const scaled = new Uint8Array(rows.length * columns.length * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      const isInside = row >= 0 && column >= 0;
      for (let c = 0; c < channels; c++) scaled[to++] = isInside ? data[from + c]! : (fill[c] ?? 0);
    }
  }
  return { width: columns.length, height: rows.length, channels, data: scaled };
}

/** -1 outside. */
function places({ size, step, offset }: Axis, inputSize: number): Int32Array {
  const found = new Int32Array(size);
  // summed up, as Pillow does: multiplying rounds otherwise
  let place = offset + step * 0.5;
  for (let i = 0; i < size; i++) {
    found[i] = place >= 0 && place < inputSize ? Math.trunc(place) : -1;
    place += step;
  }
  return found;
}

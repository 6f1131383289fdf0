// A decoded picture: what every decoder returns and every exact transform takes.

import { ShapeError } from '../../kernels/errors.ts';

/** Eight bits a value, as PIL's modes `L` and `RGB`. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 is red, green, blue. */
  readonly channels: 1 | 3;
  /** [height, width, channels], row-major. */
  readonly data: Uint8Array;
}

/** Refuses what is no image, before a transform reads past its end. @throws ShapeError */
export function checkImage(where: string, { width, height, channels, data }: Image): void {
  if (channels !== 1 && channels !== 3)
    throw new ShapeError(`${where}: an image has 1 or 3 channels, given ${channels}`);
  const isSized = isExtent(width) && isExtent(height);
  if (isSized && data.length === width * height * channels) return;
  throw new ShapeError(
    `${where}: an image of [${height}, ${width}, ${channels}] has ${height * width * channels} values, given ${data.length}`,
  );
}

/**
 * `size` as [height, width]; a number means both.
 * @throws ShapeError
 */
export function checkSize(where: string, size: number | readonly [number, number]): readonly [number, number] {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  if (isExtent(height) && isExtent(width)) return [height, width];
  throw new ShapeError(`${where}: a size is a positive integer or two of them, [height, width], given ${size}`);
}

function isExtent(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

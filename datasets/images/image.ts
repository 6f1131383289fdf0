// A decoded picture: what every decoder returns and every exact transform takes.

import { ShapeError } from '../../kernels/errors.ts';

const MAX_PIXELS = 2 ** 28;

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
  const isPair = Array.isArray(size) && size.length === 2;
  const [height, width] = isPair ? (size as readonly [number, number]) : [size as number, size as number];
  if (isExtent(height) && isExtent(width)) return [height, width];
  throw new ShapeError(`${where}: a size is a positive integer or two of them, [height, width], given ${size}`);
}

/** Refuses pictures that no memory holds, before they are allocated. @throws ShapeError for more than 2^28 pixels */
export function checkPixels(where: string, height: number, width: number): void {
  if (height * width <= MAX_PIXELS) return;
  throw new ShapeError(`${where}: at most ${MAX_PIXELS} pixels can be made, asked for [${height}, ${width}]`);
}

function isExtent(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

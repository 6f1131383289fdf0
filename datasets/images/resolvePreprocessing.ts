// What a network's preprocessing comes to for one picture, in pixels.

import { cropOffset } from './centerCrop.ts';
import { checkSize, type Image } from './image.ts';
import type { Preprocessing } from './preprocessing.ts';
import { resizedSize } from './resize.ts';

/** For `preprocessImage` of `wgrad`, which does it on the GPU. */
export interface ResolvedPreprocessing {
  /** Of the whole picture. */
  readonly resized: readonly [height: number, width: number];
  /** Of the crop in the resized picture; negative where black is added before it. */
  readonly offset: readonly [top: number, left: number];
  readonly crop: readonly [height: number, width: number];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Sizes as `resize` and `centerCrop` choose them for an image of this size. @throws ShapeError */
export function resolvePreprocessing(
  image: Pick<Image, 'width' | 'height'>,
  { resize, crop, mean, std }: Preprocessing,
): ResolvedPreprocessing {
  const resized = resize === undefined ? ([image.height, image.width] as const) : resizedSize(image, resize);
  const cropped = crop === undefined ? resized : checkSize('centerCrop', crop);
  const offset = [cropOffset(resized[0], cropped[0]), cropOffset(resized[1], cropped[1])] as const;
  return { resized, offset, crop: cropped, mean, std };
}

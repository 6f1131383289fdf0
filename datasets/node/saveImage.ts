// Pictures and grids of pictures into PNG files.

import { replaceFile } from '../../engine/node/replaceFile.ts';
import type { Image } from '../images/image.ts';
import { type GridImages, type GridOptions, gridImage, makeGrid } from '../makeGrid.ts';
import type { TensorImage } from '../transforms/transform.ts';
import { encodePng } from './encodePng.ts';

/**
 * Writes a picture, or the grid that `makeGrid` makes of images with values in [0, 1], as PNG. A reader of `path` never
 * sees half a file.
 * @throws ShapeError as makeGrid, or for images that are neither grey nor RGB
 * https://pytorch.org/vision/stable/generated/torchvision.utils.save_image.html
 */
export function saveImage(
  path: string,
  images: Image | GridImages | readonly TensorImage[],
  options: GridOptions = {},
): void {
  const isPicture = 'channels' in images;
  replaceFile(path, encodePng(isPicture ? images : gridImage(makeGrid(images, options))));
}

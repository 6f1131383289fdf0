// Images of a data set, of any sizes, made ready to stand side by side in a picture.
import type { Dataset } from '../../datasets/dataset.ts';
import type { ImageDataset } from '../../datasets/imageDataset.ts';
import type { Image } from '../../datasets/images/image.ts';
import { resize } from '../../datasets/images/resize.ts';
import { imagesOf } from '../../datasets/imagesOf.ts';

export type AnyDataset = Dataset | ImageDataset<unknown>;

/**
 * The images at `indices`, larger ones shrunk until their longer side has `side` pixels, and the integer factor that
 * enlarges the largest of them to about `side`.
 * @throws ShapeError for an index outside the data set, FormatError for damaged files
 */
export async function thumbnails(
  dataset: AnyDataset,
  indices: readonly number[],
  side: number,
): Promise<{ images: Image[]; scale: number }> {
  const source = 'images' in dataset ? imagesOf(dataset) : dataset;
  const images: Image[] = [];
  // one after the other: photographs are large before they are shrunk
  for (const index of indices) images.push(shrunk((await source.get(index)).image, side));
  const longest = images.reduce((most, { width, height }) => Math.max(most, width, height), 1);
  return { images, scale: Math.max(1, Math.round(side / longest)) };
}

function shrunk(image: Image, side: number): Image {
  const { width, height } = image;
  const factor = side / Math.max(width, height);
  if (factor >= 1) return image;
  return resize(image, [Math.max(1, Math.round(height * factor)), Math.max(1, Math.round(width * factor))]);
}

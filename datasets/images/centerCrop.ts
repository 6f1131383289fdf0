// The middle of an image, as torchvision's CenterCrop.

import { checkImage, checkPixels, checkSize, type Image } from './image.ts';

/**
 * Cuts the middle out; where the image is smaller, black is added around it (the odd pixel right and below).
 * @param size pixels of the square, or [height, width].
 * @throws ShapeError for a size that is no positive integer.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 */
export function centerCrop(image: Image, size: number | readonly [height: number, width: number]): Image {
  checkImage('centerCrop', image);
  const [height, width] = checkSize('centerCrop', size);
  checkPixels('centerCrop', height, width);
  const { channels } = image;
  const top = cropOffset(image.height, height);
  const left = cropOffset(image.width, width);
  const data = new Uint8Array(height * width * channels);
  const columns = Math.min(width, image.width);
  for (let y = Math.max(-top, 0); y < height && y + top < image.height; y++) {
    const from = ((y + top) * image.width + Math.max(left, 0)) * channels;
    const row = image.data.subarray(from, from + columns * channels);
    data.set(row, (y * width + Math.max(-left, 0)) * channels);
  }
  return { width, height, channels, data };
}

/** Where the crop begins in the image along one axis; negative where the image is smaller and is padded. */
export function cropOffset(size: number, crop: number): number {
  if (crop > size) return -Math.floor((crop - size) / 2);
  // Python's round: halves go to the even neighbour
  const half = Math.floor((size - crop) / 2);
  return (size - crop) % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}

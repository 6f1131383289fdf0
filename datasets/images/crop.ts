// A rectangle of an image, as PIL's Image.crop.
import { ShapeError } from '../../kernels/errors.ts';
import { checkImage, checkPixels, checkSize, type Image } from './image.ts';

/** Where a crop begins, in pixels; negative values lie outside the image. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Cuts a rectangle out; what lies outside the image is black.
 * @throws ShapeError for a size that is no positive integer, or a place that is no integer
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.crop.html
 */
export function crop(image: Image, { top, left, height, width }: Rectangle): Image {
  checkImage('crop', image);
  checkSize('crop', [height, width]);
  checkPixels('crop', height, width);
  if (!Number.isInteger(top) || !Number.isInteger(left)) {
    throw new ShapeError(`crop: top and left are integers, given ${top} and ${left}`);
  }
  const { channels } = image;
  const data = new Uint8Array(height * width * channels);
  const first = Math.max(left, 0);
  const columns = Math.min(left + width, image.width) - first;
  for (let y = Math.max(-top, 0); columns > 0 && y < height && y + top < image.height; y++) {
    const from = ((y + top) * image.width + first) * channels;
    data.set(image.data.subarray(from, from + columns * channels), (y * width + first - left) * channels);
  }
  return { width, height, channels, data };
}

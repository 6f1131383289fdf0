// Mirrored images.
import { checkImage, type Image } from './image.ts';

/** Left becomes right. https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.hflip.html */
export function horizontalFlip(image: Image): Image {
  checkImage('horizontalFlip', image);
  const { width, height, channels } = image;
  const data = new Uint8Array(image.data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = width - 1; x >= 0; x--) {
      const from = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) data[to++] = image.data[from + c]!;
    }
  }
  return { ...image, data };
}

/** Top becomes bottom. https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.vflip.html */
export function verticalFlip(image: Image): Image {
  checkImage('verticalFlip', image);
  const { width, height, channels } = image;
  const row = width * channels;
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) data.set(image.data.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
  return { ...image, data };
}

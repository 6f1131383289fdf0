// Between grey and RGB, as PIL's convert('L') and convert('RGB').

import type { Image } from './image.ts';

/** The image with this many channels; itself where it has them already. RGB to grey is ITU-R 601-2 luma in fixed point. */
export function withChannels(image: Image, channels: 1 | 3): Image {
  if (image.channels === channels) return image;
  const { width, height } = image;
  return { width, height, channels, data: channels === 1 ? luma(image.data) : replicated(image.data) };
}

function luma(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (19595 * rgb[3 * i]! + 38470 * rgb[3 * i + 1]! + 7471 * rgb[3 * i + 2]! + 0x8000) >> 16;
  }
  return grey;
}

function replicated(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * grey.length);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i]!, 3 * i, 3 * i + 3);
  return rgb;
}

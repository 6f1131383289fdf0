// The picture that tests/fixtures/images.py makes too: gradients, edges and noise, from integers only.
import type { Image } from '../../datasets/index.ts';

export function formulaImage(height: number, width: number, channels: 1 | 3, seed: number): Image {
  const data = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        data[at++] = ((x * x * 31 + y * y * 17 + x * y * 7 + c * 101 + seed * 997) >> 2) & 255;
      }
    }
  }
  return { width, height, channels, data };
}

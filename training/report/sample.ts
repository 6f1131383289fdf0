// One image of a data set with what the model said about it: what the sample grid and the terminal show.
import { ShapeError } from '../../kernels/errors.ts';

export interface Sample {
  /** Pixels 0…255, planar: [c, h, w]. */
  image: Uint8Array;
  /** [c, h, w] with c = 1 (grey) or 3 (RGB). */
  shape: [c: number, h: number, w: number];
  /** Name of the true class. */
  label: string;
  /** Name of the predicted class. */
  prediction: string;
  isRight: boolean;
  /** The model's probability of its prediction, 0…1. */
  probability: number;
}

/** @throws ShapeError unless shape is [1 or 3, h, w] and fits the image */
export function checkSample(where: string, { image, shape }: Sample): void {
  const [c, h, w] = shape;
  const isImage = shape.length === 3 && (c === 1 || c === 3) && h > 0 && w > 0 && shape.every(Number.isInteger);
  if (!isImage || image.length !== c * h * w) {
    const expected = 'a shape [1 or 3, h, w] and an image of c·h·w bytes';
    throw new ShapeError(`${where}: expected ${expected}, got shape [${shape}] and ${image.length} bytes`);
  }
}

/** Red, green and blue of the pixel at row y, column x. */
export function pixelOf({ image, shape: [c, h, w] }: Sample, y: number, x: number): [number, number, number] {
  const offset = y * w + x;
  const plane = c === 1 ? 0 : h * w;
  return [image[offset], image[offset + plane], image[offset + 2 * plane]];
}

/** `99.8 %`; a probability that is not quite 1 is not shown as 100.0 %. */
export function formatProbability(probability: number): string {
  return `${(probability < 1 ? Math.min(99.9, 100 * probability) : 100).toFixed(1)} %`;
}

// The embedded data set: digits drawn by this program, so that demo and tests need no download.

import { ShapeError } from '../../kernels/errors.ts';
import type { Dataset } from '../dataset.ts';
import { Random } from '../random.ts';
import { drawStroke, type Page } from './drawStroke.ts';
import { DIGITS, type Stroke } from './strokes.ts';
import { randomWarp, type WarpLimits } from './warp.ts';

export interface GlyphsOptions {
  /** Number of images, default 6,000 for training and 1,000 for testing. */
  count?: number;
  /** Default 0. */
  seed?: number;
  /** Training images (default) or test images; both of one seed come from separate random streams. */
  train?: boolean;
}

const SIZE = 28;
const MAX_COUNT = 1_000_000;

const PLACEMENT: WarpLimits = {
  scale: [0.75, 1.05],
  aspect: [0.8, 1.15],
  halfTangent: 0.15,
  shear: 0.2,
  shift: 2.4,
  wobble: 0.6,
};

/**
 * Generated digits, [1, 28, 28], light on dark. They are not handwriting: each is one of a few stroke outlines per
 * digit under a random affine map, bending, pen width, ink, stray strokes and pixel noise.
 * An image depends on seed, split and its position alone, so a smaller count is a prefix of a larger one,
 * and the bytes are the same on every engine.
 *
 * The difficulty is chosen so that convolution pays: with the defaults a linear softmax classifier reaches about
 * 83 % test accuracy and LeNet-5 about 98 % after five epochs.
 *
 * @throws ShapeError for a count that is no integer in 1..1,000,000, or a seed that `Random` refuses.
 */
export function glyphs({ train = true, count = train ? 6000 : 1000, seed = 0 }: GlyphsOptions = {}): Dataset {
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_COUNT)) {
    throw new ShapeError(`glyphs: count must be an integer in 1..${MAX_COUNT}, not ${count}`);
  }
  const random = new Random(seed, train ? 0 : 1);
  const images = new Uint8Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = random.integer(10);
    drawGlyph(random, labels[i]!, images.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE));
  }
  return {
    name: 'glyphs',
    images,
    labels,
    count,
    shape: [1, SIZE, SIZE],
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    mean: [0.156],
    std: [0.229],
  };
}

function drawGlyph(random: Random, digit: number, image: Uint8Array): void {
  const page: Page = { size: SIZE, ink: new Float64Array(SIZE * SIZE) };
  const styles = DIGITS[digit]!;
  const strokes = styles[random.integer(styles.length)]!;
  const warp = randomWarp(random, SIZE / 2, PLACEMENT);
  const pen = { radius: random.uniform(0.7, 1.6), ink: random.uniform(0.6, 1) };
  for (const stroke of strokes) drawStroke(page, stroke.map(warp), pen);
  for (let strays = random.integer(3); strays > 0; strays--) {
    drawStroke(page, strayStroke(random), { radius: random.uniform(0.4, 1), ink: random.uniform(0.3, 0.8) });
  }
  addNoise(random, page, image);
}

/** A short straight mark anywhere on the page. */
function strayStroke(random: Random): Stroke {
  const x = random.uniform(0, SIZE);
  const y = random.uniform(0, SIZE);
  return [
    [x, y],
    [x + random.uniform(-5, 5), y + random.uniform(-5, 5)],
  ];
}

/** Ink plus paper grain, as levels 0..255. */
function addNoise(random: Random, { ink }: Page, image: Uint8Array): void {
  const paper = random.uniform(0, 30);
  const grain = random.uniform(5, 25);
  for (let p = 0; p < image.length; p++) {
    // The sum of four random bytes is nearly normal: mean 510, deviation 147.8.
    const bits = random.uint32();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    const level = paper + (255 - paper) * ink[p]! + (grain * (sum - 510)) / 147.8;
    image[p] = Math.max(0, Math.min(255, Math.round(level)));
  }
}

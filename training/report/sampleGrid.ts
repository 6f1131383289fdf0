// A grid of images with prediction, probability and true class under each, wrong ones in red.
import type { Image } from '../../datasets/images/image.ts';
import { type CaptionedTile, captionedGrid } from './captionedGrid.ts';
import { COLORS } from './captionText.ts';
import { checkSample, formatProbability, pixelOf, type Sample } from './sample.ts';

export interface SampleGridOptions {
  /** Images a row; default 6. */
  columns?: number;
  /** Integer factor by which images are enlarged; default: the one that makes them some 196 pixels wide. */
  scale?: number;
}

const TILE_WIDTH = 196;
const WRONG_FRAME = { width: 4, color: COLORS.wrong };

/**
 * @param samples at least one; a smaller one stands in the middle of its tile
 * @throws ShapeError for an image that does not fit its shape, or a picture beyond 16384 pixels a side
 */
export function sampleGrid(samples: Sample[], options: SampleGridOptions = {}): Image {
  const widest = samples.reduce((most, { shape }) => Math.max(most, shape[2]), 1);
  const { columns = 6, scale = Math.max(1, Math.round(TILE_WIDTH / widest)) } = options;
  const tiles = samples.map((sample, index) => {
    checkSample(`sampleGrid: sample ${index}`, sample);
    return tileOf(sample);
  });
  return captionedGrid('sampleGrid', tiles, { columns, scale });
}

function tileOf(sample: Sample): CaptionedTile {
  const [, height, width] = sample.shape;
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) data.set(pixelOf(sample, Math.floor(i / width), i % width), 3 * i);
  return {
    image: { width, height, channels: 3, data },
    lines: [
      [sample.prediction, sample.isRight ? COLORS.ink : COLORS.wrong],
      [formatProbability(sample.probability), COLORS.faint],
      [`true ${sample.label}`, sample.isRight ? COLORS.faint : COLORS.ink],
    ],
    ...(!sample.isRight && { frame: WRONG_FRAME }),
  };
}

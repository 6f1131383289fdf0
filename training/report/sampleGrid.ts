// samples.png: a grid of images with prediction, probability and true class under each, wrong ones in red.
import { PNG } from 'pngjs';
import { ShapeError } from '../../kernels/errors.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyph } from './bitmapFont.ts';
import { checkSample, formatProbability, pixelOf, type Sample } from './sample.ts';

export interface SampleGridOptions {
  /** Images a row; default 6. */
  columns?: number;
  /** Integer factor by which images are enlarged; default: the one that makes them some 196 pixels wide. */
  scale?: number;
}

type Color = readonly [red: number, green: number, blue: number];

const BACKGROUND: Color = [255, 255, 255];
const INK: Color = [34, 39, 46];
const FAINT: Color = [92, 101, 112];
const FRAME: Color = [208, 212, 218];
const WRONG: Color = [204, 32, 38];

const TILE_WIDTH = 196;
const GAP = 20;
const FRAME_WIDTH = 4;
const FONT_SCALE = 2;
const LINE_HEIGHT = FONT_SCALE * (GLYPH_HEIGHT + 2);
const MAX_SIDE = 16384;

/**
 * @param samples at least one, all of the same shape
 * @returns the bytes of a PNG file
 * @throws ShapeError when a sample's shape differs from the first one's or the picture would be beyond 16384 pixels
 */
export function sampleGridPng(samples: Sample[], options: SampleGridOptions = {}): Uint8Array {
  if (samples.length === 0) throw new ShapeError('sampleGridPng: expected at least one sample, got none');
  const [, h, w] = samples[0].shape;
  const { columns = 6, scale = Math.max(1, Math.round(TILE_WIDTH / w)) } = options;
  for (const [name, value] of Object.entries({ columns, scale })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new ShapeError(`sampleGridPng: ${name} must be a positive integer, got ${value}`);
  }
  const tileWidth = w * scale;
  const tileHeight = h * scale + FRAME_WIDTH + 3 * LINE_HEIGHT;
  const across = Math.min(columns, samples.length);
  const width = GAP + across * (tileWidth + GAP);
  const height = GAP + Math.ceil(samples.length / across) * (tileHeight + GAP);
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new ShapeError(`sampleGridPng: ${width} x ${height} pixels, expected at most ${MAX_SIDE} each way`);
  }

  const png = new PNG({ width, height, colorType: 2 });
  fillRect(png, 0, 0, width, height, BACKGROUND);
  samples.forEach((sample, index) => {
    checkSample(`sampleGridPng: sample ${index}`, sample);
    if (sample.shape[1] !== h || sample.shape[2] !== w) {
      throw new ShapeError(
        `sampleGridPng: sample ${index} has shape [${sample.shape}], the first [${samples[0].shape}]`,
      );
    }
    const left = GAP + (index % across) * (tileWidth + GAP);
    const top = GAP + Math.floor(index / across) * (tileHeight + GAP);
    drawTile(png, sample, left, top, scale);
  });
  return PNG.sync.write(png, { colorType: 2 });
}

function drawTile(png: PNG, sample: Sample, left: number, top: number, scale: number): void {
  const [, h, w] = sample.shape;
  const frame = sample.isRight ? 1 : FRAME_WIDTH;
  const color = sample.isRight ? FRAME : WRONG;
  fillRect(png, left - frame, top - frame, w * scale + 2 * frame, h * scale + 2 * frame, color);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      fillRect(png, left + x * scale, top + y * scale, scale, scale, pixelOf(sample, y, x));
    }
  }
  const firstLine = top + h * scale + FRAME_WIDTH + 2 * FONT_SCALE;
  const lines: [string, Color][] = [
    [sample.prediction, sample.isRight ? INK : WRONG],
    [formatProbability(sample.probability), FAINT],
    [`true ${sample.label}`, sample.isRight ? FAINT : INK],
  ];
  lines.forEach(([text, ink], line) => {
    drawText(png, text, left, firstLine + line * LINE_HEIGHT, w * scale, ink);
  });
}

/** Text that is too wide is drawn at half size; what is still too wide is cut. */
function drawText(png: PNG, text: string, left: number, top: number, maxWidth: number, color: Color): void {
  const chars = [...text];
  const capacity = (scale: number) => Math.floor((maxWidth + scale) / (scale * (GLYPH_WIDTH + 1)));
  const scale = chars.length <= capacity(FONT_SCALE) ? FONT_SCALE : 1;
  const room = capacity(scale);
  const shown = chars.length <= room ? chars : [...chars.slice(0, Math.max(0, room - 2)), '.', '.'];
  shown.forEach((char, index) => {
    const x = left + index * scale * (GLYPH_WIDTH + 1);
    glyph(char).forEach((row, y) => {
      [...row].forEach((pixel, column) => {
        if (pixel === 'x') fillRect(png, x + column * scale, top + y * scale, scale, scale, color);
      });
    });
  });
}

function fillRect(png: PNG, left: number, top: number, width: number, height: number, color: Color): void {
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) png.data.set([...color, 255], 4 * (y * png.width + x));
  }
}

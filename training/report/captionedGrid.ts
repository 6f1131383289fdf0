// Images in rows with lines of text under each: sample sheets, answers of a model, its mistakes.
import { type Canvas, type Color, fillRect } from '../../datasets/draw/canvas.ts';
import { checkImage, type Image } from '../../datasets/images/image.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { COLORS, drawCaption, lineHeight } from './captionText.ts';

export interface CaptionedTile {
  readonly image: Image;
  /** Under the image, one line each. */
  readonly lines: readonly (readonly [text: string, color: Color])[];
  /** Default: one grey pixel. */
  readonly frame?: { readonly width: number; readonly color: Color };
}

export interface CaptionedGridOptions {
  /** Images a row. */
  readonly columns: number;
  /** Integer factor by which images are enlarged. */
  readonly scale: number;
  /** Size of text in pixels of the font. Default 2. */
  readonly textScale?: number;
  /** Pixels between images and around them. Default 20. */
  readonly gap?: number;
  /** Pixels by which text may be wider than its image. Default 0. */
  readonly overhang?: number;
}

const FRAME_WIDTH = 4;
const THIN_FRAME = { width: 1, color: COLORS.frame };
const MAX_SIDE = 16384;

/**
 * Every tile is as large as the largest; a smaller image stands in the middle of its tile, its text at the left.
 * @throws ShapeError without tiles, for options that are no positive integers, or more than 16384 pixels a side
 */
export function captionedGrid(
  where: string,
  tiles: readonly CaptionedTile[],
  { columns, scale, textScale = 2, gap = 20, overhang = 0 }: CaptionedGridOptions,
): Image {
  if (tiles.length === 0) throw new ShapeError(`${where}: expected at least one sample, got none`);
  for (const [name, value] of Object.entries({ columns, scale, textScale, gap })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new ShapeError(`${where}: ${name} must be a positive integer, got ${value}`);
  }
  for (const { image } of tiles) checkImage(where, image);
  const most = (values: number[]) => values.reduce((largest, value) => Math.max(largest, value), 0);
  const lines = most(tiles.map((tile) => tile.lines.length));
  const imageWidth = scale * most(tiles.map(({ image }) => image.width));
  const imageHeight = scale * most(tiles.map(({ image }) => image.height));
  const textTop = imageHeight + (lines ? FRAME_WIDTH + 2 * textScale : 0);
  const across = Math.min(columns, tiles.length);
  const tileHeight = imageHeight + (lines ? FRAME_WIDTH + lines * lineHeight(textScale) : 0);
  const width = gap + across * (imageWidth + gap);
  const height = gap + Math.ceil(tiles.length / across) * (tileHeight + gap);
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new ShapeError(`${where}: ${width} x ${height} pixels, expected at most ${MAX_SIDE} each way`);
  }

  const canvas: Canvas = { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(255) };
  tiles.forEach((tile, index) => {
    const left = gap + (index % across) * (imageWidth + gap);
    const top = gap + Math.floor(index / across) * (tileHeight + gap);
    drawFramed(canvas, tile, left + (imageWidth >> 1), top + (imageHeight >> 1), scale);
    tile.lines.forEach(([text, color], line) => {
      const at = { left, top: top + textTop + line * lineHeight(textScale) };
      drawCaption(canvas, text, { ...at, maxWidth: imageWidth + overhang, color, scale: textScale });
    });
  });
  return canvas;
}

function drawFramed(canvas: Canvas, tile: CaptionedTile, middle: number, center: number, scale: number): void {
  const { image, frame = THIN_FRAME } = tile;
  const [width, height] = [image.width * scale, image.height * scale];
  const [left, top] = [middle - (width >> 1), center - (height >> 1)];
  const around = 2 * frame.width;
  const outer = { left: left - frame.width, top: top - frame.width, width: width + around, height: height + around };
  fillRect(canvas, outer, frame.color);
  drawImage(canvas, image, left, top, scale);
}

/** Each pixel becomes a square of scale x scale. */
function drawImage(canvas: Canvas, { width, height, channels, data }: Image, left: number, top: number, scale: number) {
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      const color = [data[at]!, data[at + green]!, data[at + blue]!] as const;
      fillRect(canvas, { left: left + x * scale, top: top + y * scale, width: scale, height: scale }, color);
    }
  }
}

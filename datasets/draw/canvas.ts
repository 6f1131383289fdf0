// A picture to draw over another one: rectangles, lines and text, all cut at its edges.
import { ShapeError } from '../../kernels/errors.ts';
import { checkImage, type Image } from '../images/image.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyph } from './bitmapFont.ts';

export type Color = readonly [red: number, green: number, blue: number];

/** An RGB image of one's own, to be drawn on. */
export interface Canvas extends Image {
  readonly channels: 3;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const MAX_VALUES = 2 ** 28;

/**
 * A copy of an image in RGB, each pixel a square of `scale` x `scale`, with `below` white rows more.
 * @throws ShapeError for what is no image or no scale, or more than 2^28 values
 */
export function newCanvas(where: string, image: Image, { scale = 1, below = 0 } = {}): Canvas {
  checkImage(where, image);
  if (!(Number.isInteger(scale) && scale > 0))
    throw new ShapeError(`${where}: scale must be a positive integer, given ${scale}`);
  const [width, height] = [image.width * scale, image.height * scale + below];
  if (!(3 * width * height <= MAX_VALUES)) {
    throw new ShapeError(`${where}: a picture of ${width} x ${height} pixels is too large, scale ${scale}`);
  }
  const data = new Uint8Array(3 * width * height).fill(255);
  const { channels } = image;
  for (let y = 0; y < image.height * scale; y++) {
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / scale) * image.width + Math.floor(x / scale)) * channels;
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = image.data[from + Math.min(c, channels - 1)]!;
    }
  }
  return { width, height, channels: 3, data };
}

/** Mixes a colour into one pixel: 0 leaves the pixel, 1 is the colour. */
export function blend({ data, width }: Canvas, x: number, y: number, color: Color, opacity: number): void {
  const at = 3 * (y * width + x);
  for (let c = 0; c < 3; c++) data[at + c] = Math.round(data[at + c]! * (1 - opacity) + color[c]! * opacity);
}

export function fillRect(canvas: Canvas, { left, top, width, height }: Rect, color: Color): void {
  const [right, bottom] = [Math.min(canvas.width, left + width), Math.min(canvas.height, top + height)];
  for (let y = Math.max(0, top); y < bottom; y++) {
    for (let x = Math.max(0, left); x < right; x++) canvas.data.set(color, 3 * (y * canvas.width + x));
  }
}

/** The outline of a rectangle, its lines inside it. */
export function strokeRect(canvas: Canvas, { left, top, width, height }: Rect, color: Color, lineWidth: number): void {
  const line = Math.min(lineWidth, width, height);
  fillRect(canvas, { left, top, width, height: line }, color);
  fillRect(canvas, { left, top: top + height - line, width, height: line }, color);
  fillRect(canvas, { left, top, width: line, height }, color);
  fillRect(canvas, { left: left + width - line, top, width: line, height }, color);
}

type Point = readonly [x: number, y: number];

/** A line with round ends and soft edges, in pixel coordinates whose integers are between pixels; a dot where from is to. */
export function drawLine(canvas: Canvas, from: Point, to: Point, color: Color, lineWidth: number): void {
  const reach = lineWidth / 2 + 1;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const squared = dx * dx + dy * dy;
  const [left, right] = [Math.min(from[0], to[0]) - reach, Math.max(from[0], to[0]) + reach];
  const [top, bottom] = [Math.min(from[1], to[1]) - reach, Math.max(from[1], to[1]) + reach];
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(canvas.height, bottom); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(canvas.width, right); x++) {
      const [px, py] = [x + 0.5 - from[0], y + 0.5 - from[1]];
      const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const cover = Math.min(1, lineWidth / 2 + 0.5 - distance);
      if (cover > 0) blend(canvas, x, y, color, cover);
    }
  }
}

/** Size of a line of text, with a pixel of the font around it. */
export function textSize(text: string, scale: number): { width: number; height: number } {
  return { width: ([...text].length * (GLYPH_WIDTH + 1) + 1) * scale, height: (GLYPH_HEIGHT + 1) * scale };
}

/** A line of text whose frame, as `textSize` has it, begins here. */
export function drawText(canvas: Canvas, text: string, [left, top]: Point, color: Color, scale: number): void {
  for (const [i, char] of [...text].entries()) {
    const x = left + (1 + i * (GLYPH_WIDTH + 1)) * scale;
    if (x >= canvas.width) return;
    for (const [row, line] of glyph(char).entries()) {
      for (const [column, pixel] of [...line].entries()) {
        const rect = { left: x + column * scale, top: top + (row + 1) * scale, width: scale, height: scale };
        if (pixel === 'x') fillRect(canvas, rect, color);
      }
    }
  }
}

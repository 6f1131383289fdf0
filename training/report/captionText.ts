// Lines of text under images: their colours, their size, and how they are cut.
import { GLYPH_HEIGHT, GLYPH_WIDTH } from '../../datasets/draw/bitmapFont.ts';
import { type Canvas, type Color, drawText } from '../../datasets/draw/canvas.ts';

export const COLORS = {
  background: [255, 255, 255],
  ink: [34, 39, 46],
  faint: [92, 101, 112],
  frame: [208, 212, 218],
  wrong: [204, 32, 38],
} as const satisfies Record<string, Color>;

/** From the top of one line of text to the next, for text of this scale. */
export function lineHeight(scale: number): number {
  return scale * (GLYPH_HEIGHT + 2);
}

/** Characters that fit into `width` pixels. */
export function charactersIn(width: number, scale: number): number {
  return Math.max(0, Math.floor((width + scale) / (scale * (GLYPH_WIDTH + 1))));
}

/** One line. Text wider than `maxWidth` is drawn at scale 1; what is still too wide is cut and ends in two dots. */
export function drawCaption(
  canvas: Canvas,
  text: string,
  { left, top, maxWidth, color, scale }: { left: number; top: number; maxWidth: number; color: Color; scale: number },
): void {
  const chars = [...text];
  const fitting = chars.length <= charactersIn(maxWidth, scale) ? scale : 1;
  const room = charactersIn(maxWidth, fitting);
  const shown = chars.length <= room ? text : `${chars.slice(0, Math.max(0, room - 2)).join('')}..`;
  // drawText leaves a pixel of the font free around its text
  drawText(canvas, shown, [left - fitting, top - fitting], color, fitting);
}

// One mask over a picture: its colour mixed in, and its outline.
import { blend, type Canvas, type Color } from './canvas.ts';

/**
 * @param mask [h, w] of the picture before it was enlarged; what is not 0 is drawn
 * @param options.lineWidth of the outline in pixels of the canvas, inside the mask
 */
export function drawMask(
  canvas: Canvas,
  mask: Uint8Array,
  color: Color,
  { opacity, scale, lineWidth }: { opacity: number; scale: number; lineWidth: number },
): void {
  const { width, height } = canvas;
  const maskWidth = width / scale;
  const isSet = (x: number, y: number): boolean =>
    x >= 0 &&
    y >= 0 &&
    x < width &&
    y < height &&
    mask[Math.floor(y / scale) * maskWidth + Math.floor(x / scale)] !== 0;
  const isEdge = (x: number, y: number): boolean =>
    !isSet(x - lineWidth, y) || !isSet(x + lineWidth, y) || !isSet(x, y - lineWidth) || !isSet(x, y + lineWidth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isSet(x, y)) blend(canvas, x, y, color, isEdge(x, y) ? Math.max(opacity, 0.9) : opacity);
    }
  }
}

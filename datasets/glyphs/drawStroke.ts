// Anti-aliased pen strokes on a small grey page.

import type { Point, Stroke } from './strokes.ts';

/** A square page; pixel (x, y) covers [x, x + 1) x [y, y + 1) and holds ink from 0 to 1. */
export interface Page {
  readonly size: number;
  /** [size, size] */
  readonly ink: Float64Array;
}

/** Draws a round pen of `radius` pixels along the stroke; where strokes cross, the darker ink stays. */
export function drawStroke(page: Page, stroke: Stroke, { radius, ink }: { radius: number; ink: number }): void {
  for (let i = 1; i < stroke.length; i++) drawSegment(page, stroke[i - 1]!, stroke[i]!, radius, ink);
}

function drawSegment({ size, ink: page }: Page, [x0, y0]: Point, [x1, y1]: Point, radius: number, ink: number): void {
  const reach = radius + 0.5;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squaredLength = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = squaredLength > 0 ? Math.max(0, Math.min(1, (px * dx + py * dy) / squaredLength)) : 0;
      const ex = px - along * dx;
      const ey = py - along * dy;
      const coverage = Math.min(1, reach - Math.sqrt(ex * ex + ey * ey));
      const at = y * size + x;
      if (coverage * ink > page[at]!) page[at] = coverage * ink;
    }
  }
}

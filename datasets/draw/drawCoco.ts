// COCO's boxes, outlines and keypoints over their image.
import { ShapeError } from '../../kernels/errors.ts';
import type { CocoAnnotation } from '../coco/annotation.ts';
import type { CocoCategory } from '../coco/categories.ts';
import { rleToMask } from '../coco/rle.ts';
import { segmentationToRle } from '../coco/segmentation.ts';
import type { Image } from '../images/image.ts';
import {
  type Canvas,
  type Color,
  drawLine,
  drawText,
  fillRect,
  newCanvas,
  type Rect,
  strokeRect,
  textSize,
} from './canvas.ts';
import { distinctColor, inkOn } from './colors.ts';
import { drawMask } from './drawMask.ts';

export interface DrawCocoOptions {
  /** Names and skeletons; without them, boxes have no labels and points no lines. `dataset.categories` */
  readonly categories?: readonly CocoCategory[];
  /** Draws masks with this opacity; 0 leaves them out. Default 0.5. */
  readonly opacity?: number;
  /** Default true. */
  readonly boxes?: boolean;
  /** Default true. */
  readonly keypoints?: boolean;
  /** One colour for each annotation (default), or for each category. */
  readonly colorBy?: 'annotation' | 'category';
  /** Integer by which the image is enlarged first, so that small ones can be seen. Default 1. */
  readonly scale?: number;
}

/** Darkens what a skeleton is drawn over. */
const SHADE: Color = [20, 20, 20];
const WHITE: Color = [255, 255, 255];

/**
 * A copy of the image, RGB, with its annotations: masks below, then boxes, skeletons and labels. Hidden keypoints are
 * dots, visible ones have a ring.
 * @throws ShapeError for options that make no sense and annotations that are none; FormatError for masks of another size
 */
export function drawCoco(
  image: Image,
  annotations: readonly CocoAnnotation[],
  {
    categories = [],
    opacity = 0.5,
    boxes = true,
    keypoints = true,
    colorBy = 'annotation',
    scale = 1,
  }: DrawCocoOptions = {},
): Image {
  if (!(opacity >= 0 && opacity <= 1)) throw new ShapeError(`drawCoco: opacity is from 0 to 1, given ${opacity}`);
  const canvas = newCanvas('drawCoco', image, { scale });
  const lineWidth = Math.max(1, Math.round(Math.min(canvas.width, canvas.height) / 240));
  const byIndex = new Map(categories.map((category) => [category.index, category]));
  const drawn = annotations.map((annotation, i) => ({
    annotation,
    color: distinctColor(colorBy === 'category' ? annotation.category : i),
    category: byIndex.get(annotation.category),
    rect: rectOf(annotation, scale),
  }));
  // small ones last, so that large ones do not hide them
  const inOrder = drawn.sort((a, b) => b.annotation.area - a.annotation.area);
  if (opacity > 0) {
    for (const { annotation, color } of inOrder) {
      const { segmentation } = annotation;
      const isEmpty = !segmentation || ('length' in segmentation && segmentation.length === 0);
      if (!isEmpty)
        drawMask(canvas, rleToMask(segmentationToRle(segmentation, image)), color, { opacity, scale, lineWidth });
    }
  }
  if (boxes) for (const { rect, color } of inOrder) strokeRect(canvas, rect, color, lineWidth);
  if (keypoints) {
    for (const { annotation, color, category } of inOrder) drawPoints(canvas, annotation, { color, category, scale });
  }
  const labels: Rect[] = [];
  const textScale = Math.max(1, Math.round(Math.max(canvas.width, canvas.height) / 250));
  for (const { rect, color, category } of boxes ? inOrder : []) {
    if (!category) continue;
    const place = labelPlace(canvas, rect, textSize(category.name, textScale), labels);
    labels.push(place);
    fillRect(canvas, place, color);
    drawText(canvas, category.name, [place.left, place.top], inkOn(color), textScale);
  }
  return canvas;
}

/** The pixels that a box touches. */
function rectOf({ id, bbox: [x, y, width, height] }: CocoAnnotation, scale: number): Rect {
  const [left, top] = [Math.floor(x * scale), Math.floor(y * scale)];
  const rect = {
    left,
    top,
    width: Math.max(1, Math.ceil((x + width) * scale) - left),
    height: Math.max(1, Math.ceil((y + height) * scale) - top),
  };
  if (Object.values(rect).every(Number.isFinite)) return rect;
  throw new ShapeError(`drawCoco: annotation ${id} has the box [${[x, y, width, height]}]`);
}

/** Above the box where there is room, else inside it; moved into the picture, and down from labels that are there. */
function labelPlace(
  canvas: Canvas,
  box: Rect,
  { width, height }: Pick<Rect, 'width' | 'height'>,
  labels: readonly Rect[],
): Rect {
  const left = Math.max(0, Math.min(box.left, canvas.width - width));
  const lowest = Math.max(0, canvas.height - height);
  const first = Math.max(0, Math.min(box.top >= height ? box.top - height : box.top, lowest));
  for (let top = first; top <= lowest; ) {
    const place = { left, top, width, height };
    const other = labels.find((label) => overlap(label, place));
    if (!other) return place;
    top = other.top + other.height;
  }
  return { left, top: first, width, height };
}

function overlap(a: Rect, b: Rect): boolean {
  const isBeside = a.left >= b.left + b.width || b.left >= a.left + a.width;
  return !isBeside && a.top < b.top + b.height && b.top < a.top + a.height;
}

function drawPoints(
  canvas: Canvas,
  { keypoints = [], bbox }: CocoAnnotation,
  { color, category, scale }: { color: Color; category: CocoCategory | undefined; scale: number },
): void {
  // thinner on those far away
  const lineWidth = Math.max(1.5, Math.min(canvas.width / 120, (Math.max(bbox[2], bbox[3]) * scale) / 60));
  const point = (i: number) => [(keypoints[3 * i]! + 0.5) * scale, (keypoints[3 * i + 1]! + 0.5) * scale] as const;
  const isLabelled = (i: number) => (keypoints[3 * i + 2] ?? 0) > 0;
  const lines = (category?.skeleton ?? []).filter(([from, to]) => isLabelled(from) && isLabelled(to));
  for (const [from, to] of lines) drawLine(canvas, point(from), point(to), SHADE, lineWidth + 2);
  for (const [from, to] of lines) drawLine(canvas, point(from), point(to), color, lineWidth);
  for (let i = 0; 3 * i < keypoints.length; i++) {
    if (!isLabelled(i)) continue;
    const isVisible = keypoints[3 * i + 2] === 2;
    drawLine(canvas, point(i), point(i), SHADE, 2.2 * lineWidth + 3);
    drawLine(canvas, point(i), point(i), isVisible ? WHITE : color, 2.2 * lineWidth + 1);
    if (isVisible) drawLine(canvas, point(i), point(i), color, 1.3 * lineWidth);
  }
}

// The classes of Cityscapes in their colours over a street scene.
import { ShapeError } from '../../kernels/errors.ts';
import { CITYSCAPES_CLASSES, type CityscapesClass } from '../cityscapesClasses.ts';
import type { Image } from '../images/image.ts';
import type { LabelMap } from '../labelMap.ts';
import { blend, type Canvas, drawText, fillRect, newCanvas, textSize } from './canvas.ts';

export interface DrawCityscapesOptions {
  /** What the labels are: `semantic` ids (default), `semanticTrainIds`, or `instance`, whose objects are outlined. */
  readonly labels?: 'semantic' | 'semanticTrainIds' | 'instance';
  /** Of the colours; 1 hides the image. Default 0.5. */
  readonly opacity?: number;
  /** Writes the names of the classes that are there, with their colours, below the picture. Default false. */
  readonly legend?: boolean;
  /** Integer by which the image is enlarged first, so that small ones can be seen. Default 1. */
  readonly scale?: number;
}

const BLACK = [0, 0, 0] as const;

/**
 * A copy of the image, RGB, with the colours of its labels mixed in. Where nothing is labelled (black among the classes'
 * colours) the image stays as it is.
 * @throws ShapeError for labels of another size, or options that make no sense
 */
export function drawCityscapes(
  image: Image,
  labelIds: LabelMap<Uint8Array | Uint16Array>,
  { labels = 'semantic', opacity = 0.5, legend = false, scale = 1 }: DrawCityscapesOptions = {},
): Image {
  if (!(opacity >= 0 && opacity <= 1)) throw new ShapeError(`drawCityscapes: opacity is from 0 to 1, given ${opacity}`);
  const { width, height, data } = labelIds;
  if (width !== image.width || height !== image.height || data.length !== width * height) {
    const given = `${width} x ${height} with ${data.length} values`;
    throw new ShapeError(`drawCityscapes: the labels are ${given}, the image is ${image.width} x ${image.height}`);
  }
  const classOf = classesBy(labels);
  const present = new Set<CityscapesClass>();
  for (const label of new Set<number>(data)) {
    const found = classOf(label);
    if (found && !isBlack(found)) present.add(found);
  }
  const textScale = Math.max(1, Math.round((width * scale) / 320));
  const rows = legend ? legendRows([...present], width * scale, textScale) : [];
  const rowHeight = textSize('', textScale).height + 2 * textScale;
  const line = Math.max(1, Math.round((height * scale) / 480));
  const canvas = newCanvas('drawCityscapes', image, { scale, below: rows.length * rowHeight });
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const at = Math.floor(y / scale) * width + Math.floor(x / scale);
      const found = classOf(data[at]!);
      if (!found || isBlack(found)) continue;
      const isEdge = labels === 'instance' && isObjectEdge(x, y);
      blend(canvas, x, y, isEdge ? [255, 255, 255] : found.color, isEdge ? 0.9 : opacity);
    }
  }
  for (const [i, row] of rows.entries()) drawLegendRow(canvas, row, height * scale + i * rowHeight, textScale);
  return canvas;

  /** Objects have labels of their own from 1000 on; the outline of one lies inside it. */
  function isObjectEdge(x: number, y: number): boolean {
    const label = labelAt(x, y);
    const around = [labelAt(x - line, y), labelAt(x + line, y), labelAt(x, y - line), labelAt(x, y + line)];
    return label >= 1000 && around.some((other) => other !== label);
  }

  /** What lies outside the image is like its edge. */
  function labelAt(x: number, y: number): number {
    const column = Math.min(width - 1, Math.max(0, Math.floor(x / scale)));
    const row = Math.min(height - 1, Math.max(0, Math.floor(y / scale)));
    return data[row * width + column]!;
  }
}

function classesBy(
  labels: 'semantic' | 'semanticTrainIds' | 'instance',
): (label: number) => CityscapesClass | undefined {
  const isTrain = labels === 'semanticTrainIds';
  const classes = CITYSCAPES_CLASSES.filter(({ id, trainId }) => id >= 0 && !(isTrain && trainId === 255));
  const table = new Map(classes.map((each) => [isTrain ? each.trainId : each.id, each]));
  return (label) => table.get(labels === 'instance' && label >= 1000 ? Math.floor(label / 1000) : label);
}

function isBlack({ color }: CityscapesClass): boolean {
  return color.every((level) => level === 0);
}

interface LegendEntry {
  readonly left: number;
  readonly shown: CityscapesClass;
}

/** Entries side by side, as many as fit into a row. */
function legendRows(classes: readonly CityscapesClass[], width: number, scale: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let left = width;
  for (const shown of classes.toSorted((a, b) => a.id - b.id)) {
    const entryWidth = swatchWidth(scale) + textSize(shown.name, scale).width + 4 * scale;
    if (left + entryWidth > width) {
      rows.push([]);
      left = 0;
    }
    rows.at(-1)!.push({ left, shown });
    left += entryWidth;
  }
  return rows;
}

function drawLegendRow(canvas: Canvas, row: readonly LegendEntry[], top: number, scale: number): void {
  for (const { left, shown } of row) {
    const swatch = { left: left + 2 * scale, top: top + 2 * scale, width: 8 * scale, height: 7 * scale };
    fillRect(canvas, swatch, shown.color);
    drawText(canvas, shown.name, [left + swatchWidth(scale), top + scale], BLACK, scale);
  }
}

function swatchWidth(scale: number): number {
  return 11 * scale;
}

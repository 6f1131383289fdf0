// Sample sheets: some images of a data set with the names of their classes.
import type { Image } from '../../datasets/images/image.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { captionedGrid } from './captionedGrid.ts';
import { COLORS, charactersIn } from './captionText.ts';
import { printable } from './printable.ts';
import { type AnyDataset, thumbnails } from './thumbnails.ts';

export interface SampleSheetOptions {
  /** Images a row. Default 16. */
  readonly columns?: number;
  /** Shows 255 - x of each level: dark ink on white paper. Default false. */
  readonly isInverted?: boolean;
  /** About so many pixels for the longer side of an image. Default 64. */
  readonly side?: number;
}

const MAX_LINES = 2;
const GAP = 8;
/** Text may reach into the gap, but not to the next one. */
const OVERHANG = 5;

/**
 * The images at `indices`, in that order, with the class under each, in two lines where the name needs them.
 * @throws ShapeError for an index outside the data set, one without classes, or a picture beyond 16384 pixels a side
 */
export async function sampleSheet(
  dataset: AnyDataset,
  indices: readonly number[],
  { columns = 16, isInverted = false, side = 64 }: SampleSheetOptions = {},
): Promise<Image> {
  const { labels, classes } = dataset;
  if (!labels) throw new ShapeError(`sampleSheet: ${dataset.name} has no classes to write under its images`);
  const { images, scale } = await thumbnails(dataset, indices, side);
  const widest = images.reduce((most, { width }) => Math.max(most, width), 1);
  const capacity = charactersIn(widest * scale + OVERHANG, 1);
  const captions = indices.map((index) => wrapped(printable(classes[labels[index]!] ?? '?'), capacity));
  const tiles = images.map((image, i) => ({
    image: isInverted ? { ...image, data: image.data.map((level) => 255 - level) } : image,
    lines: captions[i]!.map((line) => [line, COLORS.ink] as const),
  }));
  return captionedGrid('sampleSheet', tiles, { columns, scale, textScale: 1, gap: GAP, overhang: OVERHANG });
}

/** In two lines when one is too short for it, broken after a space, underscore, slash, hyphen or comma. */
function wrapped(text: string, capacity: number): string[] {
  if (text.length <= capacity) return [text];
  const parts = text.split(/(?<=[\s_/,-])/);
  let first = parts.shift()!;
  while (parts.length > 1 && (first + parts[0]).trimEnd().length <= capacity) first += parts.shift();
  return [first, parts.join('')].filter((line) => line.trim() !== '').slice(0, MAX_LINES);
}

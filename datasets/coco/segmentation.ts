// An annotation's outline as the files hold it: polygons, or run lengths as numbers or as text.
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { checkPolygons, polygonToRle } from './polygon.ts';
import { mergeRles, type Rle, toRle } from './rle.ts';
import { rleFromString } from './rleString.ts';

/** x and y of each corner in turn, in pixels. */
export type Polygon = readonly number[];

/** Polygons, together one mask; or run lengths as `Rle` has them, as numbers or as `rleToString` writes them. */
export type Segmentation = readonly Polygon[] | StoredRle;

export interface StoredRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: readonly number[] | string;
}

/** The size of an image, and with it of its masks. */
export type ImageSize = Pick<Rle, 'height' | 'width'>;

/**
 * The mask of one annotation, as pycocotools' `annToRLE`; `rleToMask` gives its pixels.
 * @param size of the image that the annotation belongs to
 * @throws FormatError for run lengths of another size, or that do not fill it; ShapeError for polygons that are none
 */
export function segmentationToRle(segmentation: Segmentation, size: ImageSize): Rle {
  if (!('counts' in segmentation)) {
    if (segmentation.length === 0) return toRle([size.height * size.width], size);
    checkPolygons(segmentation);
    return mergeRles(segmentation.map((polygon) => polygonToRle(polygon, size)));
  }
  const { counts, size: stored } = segmentation;
  if (stored[0] !== size.height || stored[1] !== size.width) {
    throw new FormatError(`the run lengths are for [${stored}], the image is [${size.height}, ${size.width}]`);
  }
  return typeof counts === 'string' ? rleFromString(counts, size) : toRle(counts, size);
}

/** What `JSON.parse` found, checked. @throws FormatError saying what is wrong */
export function parseSegmentation(value: unknown, size: ImageSize): Segmentation {
  if (Array.isArray(value)) return parsePolygons(value);
  if (!isStoredRle(value)) {
    throw new FormatError('segmentation: expected polygons, or run lengths with size [h, w] and counts');
  }
  explain(() => segmentationToRle(value, size));
  return { size: value.size, counts: value.counts };
}

function parsePolygons(value: readonly unknown[]): readonly Polygon[] {
  if (!value.every((polygon) => Array.isArray(polygon) && polygon.every((number) => typeof number === 'number'))) {
    throw new FormatError('segmentation: expected lists of numbers, one for each polygon');
  }
  const polygons = value as number[][];
  explain(() => checkPolygons(polygons));
  return polygons;
}

function isStoredRle(value: unknown): value is StoredRle {
  const { size, counts } = (value ?? {}) as { size?: unknown; counts?: unknown };
  return (
    Array.isArray(size) &&
    size.length === 2 &&
    size.every(Number.isSafeInteger) &&
    (Array.isArray(counts) || typeof counts === 'string')
  );
}

function explain(check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof ShapeError || cause instanceof FormatError)) throw cause;
    throw new FormatError(`segmentation: ${cause.message}`, { cause });
  }
}

// One of the files that say what a street scene of Cityscapes shows.
import { FormatError } from '../../kernels/errors.ts';
import { CITYSCAPES_CLASSES } from '../cityscapesClasses.ts';
import { type CityscapesPolygons, readCityscapesPolygons } from '../cityscapesPolygons.ts';
import type { Image } from '../images/image.ts';
import type { LabelMap } from '../labelMap.ts';
import { loadImage } from './loadImage.ts';
import { readBounded } from './readBounded.ts';
import { readLabelPng } from './readLabelPng.ts';

/** What a scene's target can be. */
export interface CityscapesTargets {
  /** Class id below 1000 where objects are not told apart, else 1000 times the id plus the object's number. */
  readonly instance: LabelMap<Uint16Array>;
  /** Class id, 0 to 33. */
  readonly semantic: LabelMap;
  /** The 19 classes of the benchmark, 255 to be ignored; 19 is what some tools write for the rest. Not in torchvision. */
  readonly semanticTrainIds: LabelMap;
  readonly polygon: CityscapesPolygons;
  /** The classes' colours, RGB. */
  readonly color: Image;
}

export type CityscapesTargetType = keyof CityscapesTargets;

/** A label map has 2 million pixels of 16 bits. */
const MAX_BYTES = 2 ** 28;
/** Polygons have a megabyte of text at most, and take some ten times as much when they are parsed. */
const MAX_POLYGON_BYTES = 2 ** 24;

const MAX_ID = CITYSCAPES_CLASSES.reduce((highest, { id }) => Math.max(highest, id), 0);

/** @throws FormatError naming the file, and the pixel, object or byte */
export async function readCityscapesTarget(
  type: CityscapesTargetType,
  path: string,
): Promise<CityscapesTargets[CityscapesTargetType]> {
  if (type === 'color') return loadImage(path, { orient: false, channels: 3 });
  if (type === 'polygon') return readCityscapesPolygons(await readBounded(path, MAX_POLYGON_BYTES));
  const file = await readBounded(path, MAX_BYTES);
  if (type === 'instance') {
    return checkLabels(path, readLabelPng(file, [8, 16]), {
      takes: (label) => (label < 1000 ? label : Math.floor(label / 1000)) <= MAX_ID,
      expected: `a class id of 0 to ${MAX_ID}, or 1000 times one plus the number of an object`,
    });
  }
  const labels = readLabelPng(file, [8]);
  if (type === 'semantic') {
    return checkLabels(path, labels, { takes: (label) => label <= MAX_ID, expected: `a class id of 0 to ${MAX_ID}` });
  }
  return checkLabels(path, labels, {
    takes: (label) => label <= 19 || label === 255,
    expected: 'a train id of 0 to 18, 19 or 255',
  });
}

function checkLabels<Map extends LabelMap<Uint8Array | Uint16Array>>(
  path: string,
  map: Map,
  { takes, expected }: { takes: (label: number) => boolean; expected: string },
): Map {
  const { width, data } = map;
  const wrong = (data as Uint16Array).findIndex((label) => !takes(label));
  if (wrong < 0) return map;
  const pixel = `(${wrong % width}, ${Math.floor(wrong / width)})`;
  throw new FormatError(`${path}: at pixel ${pixel}: found ${data[wrong]}, expected ${expected}`);
}

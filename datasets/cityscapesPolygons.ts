// The objects of a Cityscapes scene as the annotators drew them: `…_gtFine_polygons.json`.
import { FormatError } from '../kernels/errors.ts';
import type { NamedBytes } from './idx.ts';
import { shown } from './shown.ts';

/** A scene's objects from back to front: a later one covers the earlier. */
export interface CityscapesPolygons {
  readonly imgWidth: number;
  readonly imgHeight: number;
  readonly objects: readonly CityscapesObject[];
}

export interface CityscapesObject {
  /** Name of a class; a group of objects that were not told apart has `group` behind it (`cargroup`). */
  readonly label: string;
  readonly polygon: readonly (readonly [x: number, y: number])[];
}

/** How far a point may lie outside the image: objects at its edge are drawn a little over it. */
const MARGIN = 16;
const MAX_SIDE = 2 ** 16;

/**
 * Reads and checks the file; fields that are not named here are passed over.
 * @throws FormatError naming the object and point that is no label, no number or outside the image
 */
export function readCityscapesPolygons({ name, bytes }: NamedBytes): CityscapesPolygons {
  const fail = (where: string, found: unknown, expected: string): never => {
    throw new FormatError(`${name}: ${where}: found ${shown(found, 'nothing')}, expected ${expected}`);
  };
  const scene = parse({ name, bytes });
  const { imgWidth, imgHeight, objects } = scene;
  if (!isSide(imgWidth)) return fail('imgWidth', imgWidth, `1 to ${MAX_SIDE}`);
  if (!isSide(imgHeight)) return fail('imgHeight', imgHeight, `1 to ${MAX_SIDE}`);
  if (!Array.isArray(objects)) return fail('objects', objects, 'an array');
  return { imgWidth, imgHeight, objects: objects.map(readObject) };

  function readObject(object: unknown, i: number): CityscapesObject {
    const { label, polygon } = isRecord(object) ? object : {};
    if (typeof label !== 'string' || label === '') return fail(`objects[${i}].label`, label, 'the name of a class');
    if (!Array.isArray(polygon)) return fail(`objects[${i}].polygon`, polygon, 'an array of [x, y]');
    for (const [p, point] of polygon.entries()) {
      const isPoint = Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
      const isNear =
        isPoint && [imgWidth, imgHeight].every((size, i) => point[i] >= -MARGIN && point[i] <= Number(size) + MARGIN);
      if (!isNear) fail(`objects[${i}].polygon[${p}]`, point, `[x, y] within ${imgWidth}x${imgHeight}`);
    }
    return { label, polygon };
  }
}

function parse({ name, bytes }: NamedBytes): Record<string, unknown> {
  try {
    const scene: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isRecord(scene)) return scene;
  } catch (cause) {
    throw new FormatError(`${name}: is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new FormatError(`${name}: found no JSON object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_SIDE;
}

// The images and categories that an annotation file lists.
import { FormatError } from '../../kernels/errors.ts';
import { shown } from '../shown.ts';
import type { CocoCategory } from './categories.ts';
import { type Fields, idField, textField } from './parseRecord.ts';

/** An image of a file, without its pixels. */
export interface CocoImage {
  readonly id: number;
  /** Below the folder of the images, with '/' between folders. */
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
}

/** As many as `decodeImage` reads. */
const MAX_PIXELS = 2 ** 27;
const MAX_KEYPOINTS = 1024;

/** @throws FormatError saying what is wrong */
export function parseImage(fields: Fields): CocoImage {
  const id = idField(fields, 'id');
  const [width, height] = [idField(fields, 'width'), idField(fields, 'height')];
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) {
    throw new FormatError(`is ${width} x ${height} pixels, expected at least one and at most 2^27`);
  }
  return { id, fileName: innerPath(textField(fields, 'file_name')), width, height };
}

/** @returns the category with `index` -1: it is known when all are. @throws FormatError saying what is wrong */
export function parseCategory(fields: Fields): CocoCategory {
  const { supercategory = '', keypoints = [], skeleton = [] } = fields;
  if (typeof supercategory !== 'string') throw new FormatError(`supercategory is ${shown(supercategory)}`);
  const isNames = Array.isArray(keypoints) && keypoints.every((name) => typeof name === 'string');
  if (!isNames || keypoints.length > MAX_KEYPOINTS) {
    throw new FormatError(`keypoints is ${shown(keypoints)}, expected at most ${MAX_KEYPOINTS} names`);
  }
  return {
    id: idField(fields, 'id'),
    index: -1,
    name: textField(fields, 'name'),
    supercategory,
    keypoints,
    skeleton: parseSkeleton(skeleton),
  };
}

function parseSkeleton(value: unknown): CocoCategory['skeleton'] {
  const isPoint = (point: unknown) => Number.isInteger(point) && (point as number) >= 0;
  const isLine = (line: unknown) => Array.isArray(line) && line.length === 2 && line.every(isPoint);
  if (!Array.isArray(value) || !value.every(isLine) || value.length > MAX_KEYPOINTS) {
    throw new FormatError(`skeleton is ${shown(value)}, expected pairs of points`);
  }
  const lines = value as [number, number][];
  // COCO counts points from 1; files of other programs that count from 0 give themselves away
  const base = lines.flat().includes(0) ? 0 : 1;
  return lines.map(([from, to]) => [from - base, to - base]);
}

/** @throws FormatError for a path that could leave its folder */
function innerPath(fileName: string): string {
  const isInner = fileName.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  // a backslash or a drive letter is a way out on Windows, a zero byte is no character of a path
  if (isInner && !/[\\\0]|^[a-z]:/i.test(fileName) && fileName.length <= 1024) return fileName;
  throw new FormatError(`file_name is ${shown(fileName)}, expected a path below the folder of the images`);
}

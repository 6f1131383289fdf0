// One annotation of a COCO file: a box, an outline, points.
import { FormatError } from '../../kernels/errors.ts';
import { shown } from '../shown.ts';
import type { CocoCategory } from './categories.ts';
import { type Fields, idField, numbersField } from './parseRecord.ts';
import type { Box } from './rle.ts';
import { type ImageSize, parseSegmentation, type Segmentation } from './segmentation.ts';

/** https://cocodataset.org/#format-data, in camelCase. */
export interface CocoAnnotation {
  readonly id: number;
  readonly imageId: number;
  readonly categoryId: number;
  /** The category's `index`: which class it is, counted without gaps. */
  readonly category: number;
  /** In pixels, not rounded; may stick out of the image. */
  readonly bbox: Box;
  /** Pixels inside the outline. */
  readonly area: number;
  /** Stands for a group that was not taken apart; its outline is of run lengths. */
  readonly iscrowd: boolean;
  /** Absent or empty where there is no outline. */
  readonly segmentation?: Segmentation;
  /** x, y and visibility of each point in turn: 0 is not labelled, 1 hidden, 2 visible. */
  readonly keypoints?: readonly number[];
  /** Points that are labelled. */
  readonly numKeypoints?: number;
}

/**
 * @param size of its image
 * @throws FormatError saying what is wrong with it
 */
export function parseAnnotation(fields: Fields, category: CocoCategory, size: ImageSize): CocoAnnotation {
  const bbox = numbersField(fields, 'bbox', 4) as unknown as Box;
  if (bbox[2] < 0 || bbox[3] < 0) {
    throw new FormatError(`bbox is ${shown(bbox)}, expected a width and height of at least 0`);
  }
  const { iscrowd = 0, area = bbox[2] * bbox[3], segmentation, keypoints } = fields;
  if (![0, 1, true, false].includes(iscrowd as number)) {
    throw new FormatError(`iscrowd is ${shown(iscrowd)}, expected 0 or 1`);
  }
  if (!(Number.isFinite(area) && (area as number) >= 0)) {
    throw new FormatError(`area is ${shown(area)}, expected a number of at least 0`);
  }
  return {
    id: idField(fields, 'id'),
    imageId: idField(fields, 'image_id'),
    categoryId: category.id,
    category: category.index,
    bbox,
    area: area as number,
    iscrowd: Boolean(iscrowd),
    ...(segmentation === undefined ? {} : { segmentation: parseSegmentation(segmentation, size) }),
    ...(keypoints === undefined ? {} : parseKeypoints(fields, category)),
  };
}

function parseKeypoints(
  fields: Fields,
  { name, keypoints: names }: CocoCategory,
): Required<Pick<CocoAnnotation, 'keypoints' | 'numKeypoints'>> {
  const keypoints = numbersField(fields, 'keypoints');
  if (keypoints.length % 3 || (names.length > 0 && keypoints.length !== 3 * names.length)) {
    const expected = names.length > 0 ? `3 for each of the ${names.length} points of a ${name}` : '3 for each point';
    throw new FormatError(`keypoints has ${keypoints.length} numbers, expected ${expected}`);
  }
  const visibilities = keypoints.filter((_, i) => i % 3 === 2);
  const odd = visibilities.find((visibility) => ![0, 1, 2].includes(visibility));
  if (odd !== undefined) throw new FormatError(`a keypoint's visibility is ${odd}, expected 0, 1 or 2`);
  const labelled = visibilities.filter((visibility) => visibility > 0).length;
  const { num_keypoints: count = labelled } = fields;
  if (count === labelled) return { keypoints, numKeypoints: labelled };
  throw new FormatError(`num_keypoints is ${shown(count)}, but ${labelled} points are labelled`);
}

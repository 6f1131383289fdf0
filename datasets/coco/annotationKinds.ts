// What the annotations of a file can be read as.
import { FormatError } from '../../kernels/errors.ts';
import { type CocoAnnotation, parseAnnotation } from './annotation.ts';
import type { CocoCategory } from './categories.ts';
import { type Fields, idField, textField } from './parseRecord.ts';
import type { ImageSize } from './segmentation.ts';

export interface AnnotationKind<Item> {
  readonly name: string;
  /** Lists that the file must have. */
  readonly lists: readonly string[];
  /** @throws FormatError saying what is wrong with the annotation */
  parse(fields: Fields, size: ImageSize, categories: ReadonlyMap<number, CocoCategory>): Item;
}

/** Boxes and outlines: `instances_*.json`, `stuff_*.json`, and `image_info_*.json` without any. */
export const DETECTION: AnnotationKind<CocoAnnotation> = {
  name: 'detection',
  lists: ['images', 'categories'],
  parse(fields, size, categories) {
    if (!('bbox' in fields) && 'caption' in fields) {
      throw new FormatError('is a caption, expected a box: openCocoCaptions reads this file');
    }
    const id = idField(fields, 'category_id');
    const category = categories.get(id);
    if (!category) throw new FormatError(`category_id is ${id}, which is not among the categories`);
    return parseAnnotation(fields, category, size);
  },
};

/** Boxes, outlines and points: `person_keypoints_*.json`. */
export const KEYPOINTS: AnnotationKind<CocoAnnotation> = {
  ...DETECTION,
  name: 'keypoints',
  parse(fields, size, categories) {
    const annotation = DETECTION.parse(fields, size, categories);
    if (annotation.keypoints) return annotation;
    throw new FormatError('has no keypoints: openCocoDetection reads this file');
  },
};

/** Sentences: `captions_*.json`. */
export const CAPTIONS: AnnotationKind<string> = {
  name: 'captions',
  lists: ['images', 'annotations'],
  parse(fields) {
    idField(fields, 'id');
    return textField(fields, 'caption');
  },
};

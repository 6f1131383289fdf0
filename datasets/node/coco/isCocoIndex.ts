// What a kept index must be like: anybody who can write into the cache folder can have made it.
import type { CocoCategory } from '../../coco/categories.ts';
import { parseImage } from '../../coco/tables.ts';
import type { CocoIndex } from './cocoIndex.ts';
import { MAX_RECORD_BYTES } from './jsonSpans.ts';

/**
 * Whether it could come from reading an annotation file: images as one may list them, and annotations that lie in it.
 * @param fileBytes of the annotation file
 */
export function isCocoIndex(value: unknown, fileBytes: number): value is CocoIndex {
  try {
    const { categories, images, starts, annotations, bad } = value as CocoIndex;
    const { count, offsets, lengths } = annotations;
    const isTyped = starts instanceof Uint32Array && offsets instanceof Float64Array && lengths instanceof Uint32Array;
    if (!isTyped || starts.length !== images.length + 1 || offsets.length !== count || lengths.length !== count) {
      return false;
    }
    const isRising =
      starts[0] === 0 && starts.at(-1) === count && starts.every((at, i) => i === 0 || at >= starts[i - 1]!);
    const isInside = offsets.every(
      (at, i) =>
        Number.isSafeInteger(at) && at >= 0 && lengths[i]! <= MAX_RECORD_BYTES && at + lengths[i]! <= fileBytes,
    );
    for (const { id, fileName, width, height } of images) parseImage({ id, file_name: fileName, width, height });
    const isListed = bad.every(({ record, reason }) => typeof record === 'string' && typeof reason === 'string');
    return isRising && isInside && isListed && categories.every(isCategory);
  } catch {
    return false; // a field that is not there, or an image that none can be
  }
}

function isCategory({ id, index, name, supercategory, keypoints, skeleton }: CocoCategory, i: number): boolean {
  const isText = (text: unknown) => typeof text === 'string';
  const isLine = (line: readonly unknown[]) => line.length === 2 && line.every(Number.isSafeInteger);
  const isNamed = isText(name) && isText(supercategory) && keypoints.every(isText);
  return Number.isSafeInteger(id) && index === i && isNamed && skeleton.every(isLine);
}

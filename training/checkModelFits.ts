// Whether a model can read images of a size, asked before anything starts.
import { ShapeError } from '../kernels/errors.ts';
import type { ModelEntry } from '../models/entry.ts';

/**
 * @param what the images are, for the message: `cifar10`
 * @throws ShapeError when the model reads no images of this height and width
 */
export function checkModelFits(
  { name, minSize, maxSize = Number.POSITIVE_INFINITY }: ModelEntry,
  what: string,
  [height, width]: readonly [height: number, width: number],
): void {
  if (Math.min(height, width) >= minSize && Math.max(height, width) <= maxSize) return;
  const legal =
    maxSize === minSize
      ? `${minSize}x${minSize}`
      : maxSize === Number.POSITIVE_INFINITY
        ? `at least ${minSize}x${minSize}`
        : `${minSize}x${minSize} to ${maxSize}x${maxSize}`;
  throw new ShapeError(`${name} reads images of ${legal}, but those of ${what} are ${height}x${width}`);
}

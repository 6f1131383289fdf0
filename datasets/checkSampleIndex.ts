// The door of every `get`.
import { ShapeError } from '../kernels/errors.ts';

/** @throws ShapeError for an index outside the data set */
export function checkSampleIndex({ name, count }: { name: string; count: number }, index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new ShapeError(`${name}: index ${index} is outside the ${count} samples`);
}

// One check for all whole-number options of loaders, samplers and splits.
import { ShapeError } from '../../kernels/errors.ts';

/** @throws ShapeError `WHERE: NAME must be an integer in LOW..HIGH, not VALUE` */
export function checkInteger(
  option: string,
  value: number,
  { low = 0, high = Number.MAX_SAFE_INTEGER }: { low?: number; high?: number } = {},
): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `in ${low}..${high}`;
  throw new ShapeError(`${option} must be an integer ${range}, not ${value}`);
}

// Counts on a benchmark's command line.
import { InvalidArgumentError } from 'commander';

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a positive whole number is wanted');
  return Number(text);
}

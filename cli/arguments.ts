// Numbers on the command line: refused with the range they should lie in, before anything starts.
import { InvalidArgumentError } from 'commander';

/** A parser of integers of at least `low`. */
export function integer(low: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= low) return value;
    throw new InvalidArgumentError(`An integer of at least ${low} is expected.`);
  };
}

/** A parser of finite numbers of at least `low`, or above it. */
export function real({ low, isAbove = false }: { low: number; isAbove?: boolean }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && (isAbove ? value > low : value >= low)) return value;
    throw new InvalidArgumentError(`A number ${isAbove ? 'above' : 'of at least'} ${low} is expected.`);
  };
}

/** A parser of `auto` or integers of at least `low`. */
export function integerOrAuto(low: number): (text: string) => number | 'auto' {
  return (text) => {
    if (text === 'auto') return text;
    try {
      return integer(low)(text);
    } catch {
      throw new InvalidArgumentError(`An integer of at least ${low}, or auto, is expected.`);
    }
  };
}

/** Positive integers separated by commas, in rising order. */
export function countList(text: string): number[] {
  const counts = text.split(',').map(Number);
  const isRising = counts.every((count, i) => Number.isSafeInteger(count) && count > (counts[i - 1] ?? 0));
  if (isRising) return counts;
  throw new InvalidArgumentError('Positive integers in rising order, separated by commas, are expected.');
}

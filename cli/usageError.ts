// What the user typed cannot be done; the message says what can.
import { WgradError } from '../kernels/errors.ts';

export class UsageError extends WgradError {}

/** `; did you mean conv2d/forward?` for a name that is nearly one of `known`, else an empty text. */
export function suggestion(name: string, known: readonly string[]): string {
  const close = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3);
  return close.length ? `; did you mean ${close.map(({ candidate }) => candidate).join(' or ')}?` : '';
}

/** Levenshtein's: insertions, deletions and replacements of single characters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

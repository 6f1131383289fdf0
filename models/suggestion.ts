// What somebody may have meant who wrote a name that is not there.

/** Longer names are nobody's slip, and comparing takes time by their length. */
const MAX_LENGTH = 64;
const MAX_PREFIXES = 10;
const MAX_SLIPS = 3;

/**
 * `; did you mean resnet50?` for a name that is nearly one of `known`, else an empty text. Near is what begins alike, case
 * and punctuation aside (`ResNet-50`, `VGG16bn`, `squeezenet`); where nothing does, what differs by a third of its letters
 * at most.
 */
export function suggestion(name: string, known: readonly string[]): string {
  if (name.length > MAX_LENGTH) return '';
  const prefixes = known.filter((candidate) => beginAlike(plain(candidate), plain(name))).slice(0, MAX_PREFIXES);
  const near = prefixes.length ? prefixes : nearest(name, known);
  return near.length ? `; did you mean ${near.join(' or ')}?` : '';
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function beginAlike(known: string, given: string): boolean {
  return given.length > 2 && (known.startsWith(given) || given.startsWith(known));
}

function nearest(name: string, known: readonly string[]): string[] {
  return known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SLIPS)
    .map(({ candidate }) => candidate);
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

// Two answers to the same problem, bit against bit.
import type { Bits } from './results.ts';

export interface Difference extends Pick<Bits, 'room' | 'kase' | 'tensor'> {
  /** How many values differ, of how many. */
  readonly differing: number;
  readonly values: number;
  /** In units in the last place of float32, or for integers their difference. Infinite between a number and NaN. */
  readonly largestUlp: number;
}

/**
 * What differs, in order; -0 and 0 differ, NaNs of other bits too.
 * @throws Error where the two are not answers to the same problems
 */
export function compareBits(ours: readonly Bits[], theirs: readonly Bits[]): Difference[] {
  const [here, there] = [ours, theirs].map((answers) => answers.map(named).join('\n'));
  if (here !== there) throw new Error(`agreement: other problems were answered:\n${here}\nbut\n${there}`);
  return ours.flatMap((answer, i) => {
    if (answer.base64 === theirs[i].base64) return [];
    const { room, kase, tensor } = answer;
    return { room, kase, tensor, ...distance(answer, theirs[i]) };
  });
}

function named({ room, kase, tensor, isFloat }: Bits): string {
  return `${room}: ${kase}: ${tensor}${isFloat ? '' : ' (integers)'}`;
}

function distance(a: Bits, b: Bits): Pick<Difference, 'differing' | 'values' | 'largestUlp'> {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  if (first.length !== second.length) {
    throw new Error(`agreement: ${named(a)} has ${first.length} values here, ${second.length} there`);
  }
  let differing = 0;
  let largestUlp = 0;
  for (const [i, word] of first.entries()) {
    if (word === second[i]) continue;
    differing++;
    largestUlp = Math.max(largestUlp, a.isFloat ? ulpBetween(word, second[i]) : Math.abs(word - second[i]));
  }
  return { differing, values: first.length, largestUlp };
}

function wordsOf({ base64 }: Bits): Uint32Array {
  return new Uint32Array(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer);
}

const SIGN = 0x8000_0000;
const INFINITY = 0x7f80_0000;

/** Between two different float32, by their bits: how many steps from the one to the other. */
function ulpBetween(a: number, b: number): number {
  const magnitudes = [a, b].map((bits) => bits % SIGN);
  if (magnitudes.some((magnitude) => magnitude > INFINITY)) return Number.POSITIVE_INFINITY; // NaN
  const [x, y] = [a, b].map((bits, i) => (bits >= SIGN ? -magnitudes[i] : magnitudes[i]));
  return Math.max(1, Math.abs(x - y)); // -0 and 0 are one step apart
}

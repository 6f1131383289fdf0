// COCO's compressed run lengths: ASCII text, five bits a character from '0' on, least significant first. From the
// fourth run on, the difference to the run two before is written, so numbers are small and may be negative.
import { FormatError } from '../../kernels/errors.ts';
import { type Rle, toRle } from './rle.ts';

const ZERO = 48;
const CONTINUES = 0x20;
const SIGN = 0x10;
/** Six groups hold 30 bits; no image has runs beyond. */
const MAX_CHARACTERS = 6;

/** @throws FormatError naming the character that cannot be, or for runs that do not fill the mask */
export function rleFromString(text: string, size: Pick<Rle, 'height' | 'width'>): Rle {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    const start = at;
    let value = 0;
    let bits: number;
    do {
      bits = text.charCodeAt(at) - ZERO;
      if (!(bits >= 0 && bits < 64)) throw new FormatError(`the run at character ${start} ends or is damaged at ${at}`);
      if (at - start >= MAX_CHARACTERS) throw new FormatError(`the run at character ${start} has too many digits`);
      value |= (bits & 0x1f) << (5 * (at - start));
      at++;
    } while (bits & CONTINUES);
    const digits = 5 * (at - start);
    if (bits & SIGN) value |= -1 << digits;
    counts.push(counts.length > 2 ? value + counts.at(-2)! : value);
  }
  return toRle(counts, size);
}

/** The runs as COCO's compressed text, which `rleFromString` reads. */
export function rleToString({ counts }: Rle): string {
  const codes: string[] = [];
  for (let i = 0; i < counts.length; i++) {
    let value = i > 2 ? counts[i]! - counts[i - 2]! : counts[i]!;
    let isLast: boolean;
    do {
      const bits = value & 0x1f;
      value >>= 5;
      isLast = value === (bits & SIGN ? -1 : 0);
      codes.push(String.fromCharCode(ZERO + (isLast ? bits : bits | CONTINUES)));
    } while (!isLast);
  }
  return codes.join('');
}

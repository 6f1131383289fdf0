// One sample's part of the plan: what an ImageEnhance does to each difference, in a form that integers can finish.

/** From what a level is moved away: black, the picture's mean luma, the pixel's own luma. */
export type Enhancement = 'brightness' | 'contrast' | 'saturation';

/** Entries of a sample in the plan: the kind, then one for each difference from -255 to 255. */
export const BLEND_ENTRIES = 512;

/** No level reaches 2^8. */
const NEVER = 8;
const kinds: Readonly<Record<Enhancement, number>> = { brightness: 1, contrast: 2, saturation: 3 };

/**
 * Pillow's blend computes `origin + factor * (level - origin)` in float32 and cuts it to an integer
 * (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Blend.c). WGSL lets an adapter fuse the two steps,
 * which would round otherwise; so the products are rounded here, and an entry says how the sum goes on: its whole part,
 * and from which power of two on float32 is too coarse to stay below the next integer.
 * @param factor null leaves the sample alone
 */
export function blendTable(kind: Enhancement, factor: number | null): Int32Array<ArrayBuffer> {
  const table = new Int32Array(BLEND_ENTRIES);
  if (factor === null) return table;
  table[0] = kinds[kind];
  for (let difference = -255; difference <= 255; difference++) {
    const product = Math.fround(Math.fround(factor) * difference);
    const whole = Math.floor(product);
    // beyond these bounds every sum ends at 0 or 255
    const bounded = Math.min(Math.max(whole, -256), 255);
    const exponent = bounded === whole ? roundingExponent(whole + 1 - product) : NEVER;
    table[256 + difference] = 16 * (bounded + 256) + 1 + exponent;
  }
  return table;
}

/** The least k from -1 on such that a sum in [2^k, 2^(k+1)) that is `gap` below an integer rounds to it in float32. */
function roundingExponent(gap: number): number {
  for (let k = -1; k < NEVER; k++) if (gap <= 2 ** (k - 24)) return k;
  return NEVER;
}

// Sine and cosine to the last bit: `Math.sin` may be the neighbour of the nearest double, and differs between browsers.

const FRACTION_BITS = 160;
const ONE = 1n << BigInt(FRACTION_BITS);

/** Rounded to nearest, as glibc's nearly always are. @param radians of a few turns at most */
export function sineAndCosine(radians: number): readonly [sine: number, cosine: number] {
  const x = BigInt(Math.round(radians * 2 ** FRACTION_BITS));
  // Taylor's series of both, in whole units of 2^-160
  let [sine, cosine] = [0n, 0n];
  let term = ONE;
  for (let n = 0n; term !== 0n; ) {
    cosine += n % 4n === 0n ? term : -term;
    term = (term * x) / (ONE * ++n);
    sine += n % 4n === 1n ? term : -term;
    term = (term * x) / (ONE * ++n);
  }
  return [Number(sine) / 2 ** FRACTION_BITS, Number(cosine) / 2 ** FRACTION_BITS];
}

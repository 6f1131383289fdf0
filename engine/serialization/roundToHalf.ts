// 32-bit floats to 16 bits: to nearest, ties to even.

/** IEEE 754 binary16. */
export function float32ToFloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude > INFINITY)
      halves[i] = sign | 0x7e00; // NaN
    else if (magnitude >= OVERFLOW) halves[i] = sign | 0x7c00;
    else if (magnitude < SMALLEST_NORMAL) halves[i] = sign | roundToEven(Math.abs(values[i]) * 2 ** 24);
    else halves[i] = sign | ((magnitude - REBIAS + ROUND_13 + ((magnitude >>> 13) & 1)) >>> 13);
  }
  return halves;
}

/** bfloat16: the upper half of a float32. */
export function float32ToBfloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const isNumber = (bits[i] & 0x7fffffff) <= INFINITY;
    halves[i] = isNumber ? (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16 : 0x7fc0;
  }
  return halves;
}

/** As the bits of a float32. */
const INFINITY = 0x7f800000;
/** 65520, halfway between float16's largest number and the next, which would be even. */
const OVERFLOW = 0x477ff000;
/** 2 ** -14 */
const SMALLEST_NORMAL = 0x38800000;
/** From float32's exponents (127) to float16's (15). */
const REBIAS = 112 << 23;
/** One less than half of the last place that stays; the place itself is added to it. */
const ROUND_13 = 0xfff;

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

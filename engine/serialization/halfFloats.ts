// 16-bit floats to 32 bits: exact.

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const sign = halves[i] & 0x8000 ? -1 : 1;
    const exponent = (halves[i] >> 10) & 0x1f;
    const fraction = halves[i] & 0x3ff;
    if (exponent === 0)
      values[i] = sign * fraction * 2 ** -24; // subnormal
    else if (exponent === 31) values[i] = fraction ? Number.NaN : sign * Infinity;
    else values[i] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return values;
}

/** bfloat16: the upper half of a float32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = halves[i] << 16;
  return new Float32Array(values.buffer);
}

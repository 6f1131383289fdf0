// Makes small IDX files for the tests.

/** The bytes of an IDX file of uint8 elements: element i is i modulo `modulus`. */
export function idxBytes(shape: readonly number[], { modulus = 256 } = {}): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const header = idxHeader(8, shape);
  const bytes = new Uint8Array(header.length + count);
  bytes.set(header);
  for (let i = 0; i < count; i++) bytes[header.length + i] = i % modulus;
  return bytes;
}

export function idxHeader(dtype: number, shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = dtype;
  bytes[3] = shape.length;
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  return bytes;
}

// Moves between PyTorch's layouts and a library's own, on the CPU, outside the timed runs.

/** `values` of the given `shape` with its axes in the order `axes`: numpy's `transpose`. */
export function permute(
  values: ArrayLike<number>,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  let next = 0;
  visit(0, 0);
  return result;

  function visit(depth: number, offset: number): void {
    const axis = axes[depth];
    if (axis === undefined) {
      result[next++] = values[offset];
      return;
    }
    const stride = strides[axis];
    const isLast = depth === axes.length - 1;
    for (let i = 0; i < shape[axis]; i++) {
      if (isLast) result[next++] = values[offset + i * stride];
      else visit(depth + 1, offset + i * stride);
    }
  }
}

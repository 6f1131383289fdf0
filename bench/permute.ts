// Moves between PyTorch's layouts and a library's own, on the CPU, outside the timed steps.

/** Returns `values` of the given `shape` with its axes in the order `axes`: numpy's `transpose`. */
export function permute(values: ArrayLike<number>, shape: readonly number[], axes: readonly number[]): number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result: number[] = [];
  visit(0, 0);
  return result;

  function visit(depth: number, offset: number): void {
    if (depth === axes.length) {
      result.push(values[offset]);
      return;
    }
    const axis = axes[depth];
    for (let i = 0; i < shape[axis]; i++) visit(depth + 1, offset + i * strides[axis]);
  }
}

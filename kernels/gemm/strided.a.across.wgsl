// Operand A with contiguous columns in multiples of four, a transposed matrix: four rows in one load.
@group(0) @binding(0) var<storage, read> a: array<vec4f>;  // [slices, k, m / 4]

fn load_across(walk: Walk, k: u32) -> vec4f {
  return select(a[(walk.start + k * params.aColumn) / 4u], vec4f(1f), walk.isOnes != 0u);
}

// Operand A with contiguous columns in multiples of four, a transposed matrix: the wide core's four rows in one load.
@group(0) @binding(0) var<storage, read> a: array<vec4f>;  // [slices, k, m / 4]

fn load_a4(own: Walk, k: u32, lane: u32) -> vec4f {
  let walk = walk_from(own, 0u);
  return select(a[(walk.start + (k + lane) * params.aColumn) / 4u], vec4f(1f), walk.isOnes != 0u);
}

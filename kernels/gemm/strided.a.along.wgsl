// Operand A with contiguous rows in multiples of four, for rows.along.wgsl.
@group(0) @binding(0) var<storage, read> a: array<vec4f>;  // [slices, m, k / 4]

fn load_along(walk: Walk, k: u32) -> vec4f {
  return select(a[(walk.start + k) / 4u], vec4f(1f), walk.isOnes != 0u);
}

// Operand A with any steps, a value at a time.
@group(0) @binding(0) var<storage, read> a: array<f32>;  // [slices, m, k] by params.aRow and aColumn

fn load_a(walk: Walk, k: u32) -> f32 {
  return select(a[walk.start + k * params.aColumn], 1f, walk.isOnes != 0u);
}
